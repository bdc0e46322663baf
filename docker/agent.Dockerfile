# syntax=docker/dockerfile:1
# The agent for arm64 and x64 boards. From the root of the repository:
#   docker buildx build --platform linux/arm64,linux/amd64 --file docker/agent.Dockerfile --tag alpharho-agent .
#   docker run --device /dev/video0 --group-add video --volume alpharho:/data alpharho-agent run --camera /dev/video0 --hub mqtt://hub.local:1883

# JavaScript is the same for every board: it is built on the builder's own processor.
FROM --platform=$BUILDPLATFORM node:22.21.1-bookworm AS build
WORKDIR /source
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && node scripts/turbo.mjs run build --filter=alpharho-agent \
  && node apps/agent/scripts/pack.mjs /tarball

# What is compiled is made for the board's processor; compilers stay here.
FROM node:22.21.1-bookworm AS install
ARG TARGETARCH=arm64
COPY --from=build /tarball/ /tarball/
RUN npm install --prefix /usr/local/lib/alpharho-agent --omit=dev --no-audit --no-fund /tarball/*.tgz \
  && find /usr/local/lib/alpharho-agent -type d -path '*/onnxruntime-node/bin/napi-v6/linux/*' \
    ! -name "$(if [ "$TARGETARCH" = amd64 ]; then echo x64; else echo "$TARGETARCH"; fi)" -prune -exec rm -r {} +

FROM node:22.21.1-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /usr/local/lib/alpharho-agent/node_modules/.bin/alpharho-agent /usr/local/bin/alpharho-agent \
  && install -d -o node -g node -m 0750 /data
COPY --from=install /usr/local/lib/alpharho-agent/ /usr/local/lib/alpharho-agent/
ENV NODE_ENV=production ALPHARHO_AGENT_DATA_DIR=/data
VOLUME /data
USER node
WORKDIR /data
# 0 while its loops turn: a hub that is away, or a camera, is no reason to start it again.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["alpharho-agent", "status", "--live"]
ENTRYPOINT ["alpharho-agent"]
CMD ["run"]
