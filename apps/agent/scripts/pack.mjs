/**
 * @file Packs the agent into one tarball that `npm install` takes on an empty board: node scripts/pack.mjs [FOLDER]. Build first.
 * Inside are our own packages, which are on no registry, and ONNX Runtime's binding with its Linux libraries alone and without its
 * install script, which would download 300 MB of CUDA on x64. Everything else comes from the registry for the board's own processor.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const agent = fileURLToPath(new URL('..', import.meta.url));
const root = join(agent, '../..');
const own = { '@alpharho/protocol': join(root, 'packages/protocol'), '@alpharho/mobilenet-core': join(root, 'packages/mobilenet-core') };
const runtime = 'onnxruntime-node';
/** What the runtime's install script needs, and nothing else does. */
const installersOnly = ['adm-zip', 'global-agent'];

const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'));

/** Without tests, benches, type declarations and the demonstration's weights: a board runs what it is given. */
function isRuntimeFile(from, path) {
  const inside = relative(from, path);
  return !/(^|\/)(node_modules|weights)(\/|$)|\.d\.ts$|\.test\.js$|\.tsbuildinfo$|^dist\/(bench|fuzz)(\/|$)/.test(inside);
}

async function copyPackage(from, to) {
  const manifest = await readJson(join(from, 'package.json'));
  for (const name of manifest.files) {
    await cp(join(from, name), join(to, name), { recursive: true, filter: (path) => isRuntimeFile(from, path) }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await cp(join(root, 'LICENSE'), join(to, 'LICENSE'));
  const { devDependencies: _dev, scripts: _scripts, ...rest } = manifest;
  await writeManifest(to, rest);
  return manifest;
}

async function copyRuntime(to) {
  const from = dirname(createRequire(join(own['@alpharho/mobilenet-core'], 'package.json')).resolve(`${runtime}/package.json`));
  const manifest = await readJson(join(from, 'package.json'));
  for (const name of ['dist', 'README.md', 'bin/napi-v6/linux'])
    await cp(join(from, name), join(to, name), { recursive: true, filter: (path) => !path.endsWith('.d.ts') });
  await writeFile(join(to, 'LICENSE'), mit('Microsoft Corporation'));
  const { devDependencies: _dev, scripts: _scripts, dependencies, ...rest } = manifest;
  const needed = without(dependencies, installersOnly);
  await writeManifest(to, { ...rest, dependencies: needed });
  return needed;
}

function without(dependencies, names) {
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !names.includes(name)));
}

async function writeManifest(folder, manifest) {
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function mit(owner) {
  return `MIT License

Copyright (c) ${owner}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}

async function stage(folder) {
  const modules = join(folder, 'node_modules');
  const manifest = await copyPackage(agent, folder);
  const dependencies = { ...manifest.dependencies };
  for (const [name, from] of Object.entries(own)) {
    await mkdir(join(modules, name), { recursive: true });
    Object.assign(dependencies, (await copyPackage(from, join(modules, name))).dependencies);
  }
  await mkdir(join(modules, runtime), { recursive: true });
  Object.assign(dependencies, await copyRuntime(join(modules, runtime)));
  const { devDependencies: _dev, scripts: _scripts, ...rest } = manifest;
  await cp(join(agent, 'systemd'), join(folder, 'systemd'), { recursive: true });
  await writeManifest(folder, {
    ...rest,
    files: [...manifest.files, 'systemd'],
    engines: (await readJson(join(root, 'package.json'))).engines,
    os: ['linux'],
    cpu: ['x64', 'arm64'],
    dependencies,
    bundleDependencies: [...Object.keys(own), runtime],
  });
}

const target = resolve(process.argv[2] ?? '.');
const folder = await mkdtemp(join(tmpdir(), 'alpharho-agent-pack-'));
try {
  await stage(folder);
  await mkdir(target, { recursive: true });
  const out = execFileSync('npm', ['pack', '--silent', '--pack-destination', target], { cwd: folder, encoding: 'utf8' });
  console.log(join(target, basename(out.trim())));
} finally {
  await rm(folder, { recursive: true, force: true });
}
