/**
 * @file What Home Assistant takes on a device discovery topic, as far as we use it; written from its documentation. Unknown keys are refused,
 * as a misspelt one would be passed over there without a word.
 *
 * - device discovery: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and homeassistant/components/mqtt/schemas.py
 * - sensor: https://www.home-assistant.io/integrations/sensor.mqtt/
 * - update: https://www.home-assistant.io/integrations/update.mqtt/
 * - units of device classes: https://www.home-assistant.io/integrations/sensor/#device-class
 */
import { z } from 'zod';

/** Jinja takes `a.b` for the attribute first, and a dictionary has these. */
const pythonsOwn = /\.(clear|copy|fromkeys|get|items|keys|pop|popitem|setdefault|update|values)\b/;

/** Templates are Jinja: they cannot be run here, but the fields that they read can be seen. */
const template = z
  .string()
  .regex(/^\{\{ .* \}\}$/)
  .refine((text) => !pythonsOwn.test(text), 'reads a method of a dictionary instead of its entry');
const topic = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^+#\0]+$/);

const common = {
  unique_id: z.string().min(1),
  name: z.string().min(1),
  icon: z
    .string()
    .regex(/^mdi:[a-z-]+$/)
    .optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
  value_template: template,
};

const units = { duration: ['d', 'h', 'min', 's', 'ms', 'µs'], temperature: ['°C', '°F', 'K'] };

const sensor = z
  .strictObject({
    ...common,
    platform: z.literal('sensor'),
    device_class: z.enum(['duration', 'temperature']).optional(),
    unit_of_measurement: z.string().optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    suggested_display_precision: z.int().min(0).optional(),
  })
  .refine(({ device_class: kind, unit_of_measurement: unit }) => kind === undefined || units[kind].includes(unit ?? ''), 'unit')
  // A sensor of config category is refused since 2022.
  .refine(({ entity_category: category }) => category !== 'config', 'category');

/** Without `command_topic` there is no install button. */
const update = z.strictObject({
  ...common,
  platform: z.literal('update'),
  title: z.string().optional(),
  device_class: z.literal('firmware').optional(),
});

export const discoverySchema = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string().min(1)).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    sw_version: z.string(),
  }),
  origin: z.strictObject({ name: z.string().min(1), sw_version: z.string().optional() }),
  availability: z.array(z.strictObject({ topic })).min(1),
  state_topic: topic,
  qos: z.literal([0, 1, 2]),
  components: z.record(z.string().regex(/^[a-zA-Z0-9_-]+$/), z.discriminatedUnion('platform', [sensor, update])),
});

/** `<prefix>/device/<object_id>/config` */
export const discoveryTopicPattern = /^[A-Za-z0-9_/-]+\/device\/[a-zA-Z0-9_-]+\/config$/;

/** `value_json['update'].installed` → `update.installed` */
export function fieldsRead(payload: z.infer<typeof discoverySchema>): string[] {
  const templates = Object.values(payload.components).flatMap((each) => [each.value_template, each.json_attributes_template ?? '']);
  const paths = templates.flatMap((text) => [...text.matchAll(/value_json((?:\.\w+|\['\w+'\])+)/g)].map(([, path]) => path ?? ''));
  return [
    ...new Set(
      paths.map((path) =>
        path
          .split(/[.['\]]+/)
          .filter(Boolean)
          .join('.'),
      ),
    ),
  ];
}
