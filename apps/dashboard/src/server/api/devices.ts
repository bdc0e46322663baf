/** @file REST: devices and their tags. */
import { deviceIdSchema } from '@alpharho/protocol';
import { z } from 'zod';
import { listDevices, readDevice } from '../services/list-devices.ts';
import { tagDevices } from '../services/tag-devices.ts';
import { operation } from './operation.ts';
import { apiSchemas } from './schemas.ts';

export const deviceOperations = [
  operation({
    method: 'GET',
    path: '/devices',
    id: 'listDevices',
    tag: 'devices',
    summary: 'Devices by name; with a query, those that a rollout would find by it',
    query: z.strictObject({ where: z.string().min(1).max(2_000).describe('site=quay class="Raspberry Pi 4" -tag=lab').optional() }),
    answer: apiSchemas.DeviceList,
    errors: ['target_query_invalid'],
    run: async ({ db }, { query }) => ({ devices: await listDevices(db, query.where) }),
  }),
  operation({
    method: 'GET',
    path: '/devices/{id}',
    id: 'readDevice',
    tag: 'devices',
    summary: 'One device',
    params: z.strictObject({ id: deviceIdSchema }),
    answer: apiSchemas.Device,
    errors: ['device_unknown'],
    run: ({ db }, { params }) => readDevice(db, params.id),
  }),
  operation({
    method: 'POST',
    path: '/devices/tags',
    id: 'tagDevices',
    tag: 'devices',
    summary: 'Put tags on devices and take others off; all of it, or nothing where one is unknown',
    body: { schema: apiSchemas.TagChange, maxBytes: 256 * 1024 },
    answer: apiSchemas.Tagged,
    errors: ['device_unknown', 'config_invalid'],
    run: async ({ db }, { body }) => {
      await tagDevices(db, body);
      return { tagged: body.deviceIds.length };
    },
  }),
];
