/** @file The AsyncAPI 3.0 document of the wire, made from the topic table, the schemas and the error codes. Nothing in it is written twice. */
import { z } from 'zod';
import { errorCodes, wireErrorSchema } from '../errors.ts';
import { eventIds } from '../events.ts';
import { deviceIdSchema } from '../ids.ts';
import { sketchSchema } from '../latency-sketch.ts';
import { predictionSchema, resultSchema } from '../messages/results.ts';
import { signedKinds } from '../signed.ts';
import { bodySchemas } from '../signed-bodies.ts';
import { protocolVersion, type TopicName, type TopicSpec, topics } from '../topics.ts';
import { variantSchema } from '../variant.ts';
import { examples } from './examples.ts';

type Json = { [key: string]: unknown };

const bindingVersion = '0.2.0';
const topicNames = Object.keys(topics) as TopicName[];
const specOf = (name: TopicName): TopicSpec => topics[name];
/** AsyncAPI writes a parameter as `{device}`. */
const addressOf = (name: TopicName): string => `alpharho/v${protocolVersion}/{device}/${name}`;

const description = `What an agent on a board and the hub say to each other over MQTT 3.1.1, written from the agent's side: it sends what goes up and receives what comes down.

- Every payload is JSON in UTF-8 and carries the protocol version as \`v\`; another version is refused. A receiver drops fields that it does not know.
- A payload above \`x-max-bytes\` is refused before it is parsed.
- A session is one run of an agent process. Its last will is the presence message with state \`offline\` and reason \`lost\`; the hub ignores one of another session than the latest.
- Events, telemetry and results stay in the agent's outbox until an ack names them, which the hub sends when they are in its database. Until then they are sent again; the hub drops duplicates by device, stream, session and sequence number. An outbox that is full gives up results first, then telemetry, then events, then update phases (stream \`status\`), the oldest of each first, and telemetry counts them.
- A device answers a request once, on topic \`snapshot\`, with a picture or with the reason why there is none.
- Topic \`state\` goes to Home Assistant's broker where a device is shown there, with \`availability\` beside it (text \`online\` or \`offline\`, retained, also the last will of that connection). The hub passes it over.
- A desired state and the manifest in it are signed (Ed25519). A device follows one only where the signature is that of a key in its key set (topic \`keys\`), in the right role and not retired; it is for this device; it has not expired; and its revision is not lower than one the device has seen, nor for another variant under the same revision. Anything else is refused with a code of its own, and what serves goes on.
- What is signed is the text in \`body\` itself, under the prefix \`alpharho/<kind>/1\` and a line feed (kind: \`desired\`, \`manifest\`, \`keys\`); the schemas \`desired-body\`, \`manifest-body\` and \`keys-body\` say what stands in it.

\`x-error-codes\` lists the codes that travel in \`lastError\`, each with what to do; \`x-event-ids\` what can happen on a device.`;

/** @returns a new document; its content depends on the package's source alone. */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Alpharho device protocol',
      version: `${protocolVersion}.0.0`,
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { hub: server() },
    channels: mapTopics((name) => ({
      address: addressOf(name),
      title: name,
      summary: specOf(name).summary,
      servers: [{ $ref: '#/servers/hub' }],
      parameters: { device: { $ref: '#/components/parameters/device' } },
      messages: { [name]: { $ref: `#/components/messages/${name}` } },
    })),
    operations: mapTopics((name) => ({
      action: specOf(name).direction === 'up' ? 'send' : 'receive',
      channel: { $ref: `#/channels/${name}` },
      summary: specOf(name).summary,
      messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
      bindings: { mqtt: { qos: specOf(name).qos, retain: specOf(name).retain, bindingVersion } },
    })),
    components: {
      parameters: { device: { description: `${deviceIdSchema.description}. Matches ${z.toJSONSchema(deviceIdSchema).pattern}` } },
      messages: mapTopics((name) => ({
        name,
        title: name,
        summary: specOf(name).summary,
        contentType: 'application/json',
        payload: { $ref: `#/components/schemas/${name}` },
        examples: [{ name: `a-${name}`, payload: examples[name] }],
        'x-max-bytes': specOf(name).maxBytes,
      })),
      schemas: schemas(),
    },
    'x-error-codes': errorCodes,
    'x-event-ids': eventIds,
  };
}

function mapTopics(describe: (name: TopicName) => Json): Json {
  return Object.fromEntries(topicNames.map((name) => [name, describe(name)]));
}

function server(): Json {
  const will = specOf('presence');
  const lastWill = {
    topic: addressOf('presence'),
    qos: will.qos,
    retain: will.retain,
    message: JSON.stringify({
      v: protocolVersion,
      session: examples.presence.session,
      state: 'offline',
      at: examples.presence.at,
      reason: 'lost',
    }),
  };
  return {
    host: '127.0.0.1:1883',
    protocol: 'mqtt',
    protocolVersion: '3.1.1',
    description: "The hub's embedded broker at its default address, or any MQTT broker that the hub is connected to.",
    bindings: { mqtt: { lastWill, bindingVersion } },
  };
}

/** What a sender may send (`io: 'input'`): a field that the schema does not know is allowed, and dropped by the receiver. */
function schemas(): Json {
  const named = z.registry<{ id: string }>();
  for (const name of topicNames) named.add(specOf(name).schema, { id: name });
  named.add(variantSchema, { id: 'variant' });
  named.add(sketchSchema, { id: 'sketch' });
  named.add(resultSchema, { id: 'result' });
  named.add(predictionSchema, { id: 'prediction' });
  named.add(wireErrorSchema, { id: 'error' });
  for (const kind of signedKinds) named.add(bodySchemas[kind], { id: `${kind}-body` });
  const generated = z.toJSONSchema(named, { target: 'draft-7', io: 'input', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(generated.schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}
