/** @file An nginx of its own on a free port, set up as Debian ships it: a worker for each core, sendfile, no access log. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

export type Nginx = { version: string; stop: () => Promise<void> };

/** @returns undefined where there is no nginx here. @param root folder whose files it serves */
export async function startNginx(folder: string, root: string, port: number): Promise<Nginx | undefined> {
  const { error, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  const http = `sendfile on; tcp_nopush on; access_log off; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; root ${root}; }`;
  const top = `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes auto; pid ${folder}/nginx.pid; error_log stderr;`;
  await writeFile(file, `${top}\nevents { worker_connections 768; }\nhttp { ${http} }\n`);
  const child = spawn('nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  await listens(child, port);
  return {
    version: stderr.trim().replace('nginx version: ', ''),
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => socket.on('connect', () => resolve(true)).on('error', () => resolve(false)));
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nginx ended with code ${child.exitCode}`);
}
