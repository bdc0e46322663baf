/**
 * @file What Home Assistant is told so that a board appears there by itself: MQTT device discovery, one retained message
 * (home-assistant.io/integrations/mqtt/#device-discovery-payload). Nothing in it can be commanded: which variant serves is decided on the hub.
 */
import {
  buildTopic,
  type DeviceId,
  type DeviceState,
  isResting,
  protocolVersion,
  type UpdateState,
  type Variant,
  variantLabel,
} from '@alpharho/protocol';

export type BoardFacts = { readonly device: DeviceId; readonly version: string; readonly model: string };

/** Text, `online` or `offline`, retained; the connection's last will says `offline`. */
export function availabilityTopic(device: DeviceId): string {
  return `alpharho/v${protocolVersion}/${device}/availability`;
}

/** @param prefix Home Assistant's discovery prefix */
export function discoveryTopic(prefix: string, device: DeviceId): string {
  return `${prefix}/device/alpharho_${objectId(device)}/config`;
}

/** Home Assistant takes letters, digits, `_` and `-` there; two devices must not become one by what stands for a dot. */
function objectId(device: DeviceId): string {
  return device.replaceAll('_', '__').replaceAll('.', '_d');
}

/** In Jinja `value_json.update` would be the dictionary's own method of that name. */
const updateTemplate = `{{ {${[
  "'installed_version': value_json['update'].installed",
  "'latest_version': value_json['update'].latest",
  "'in_progress': value_json['update'].inProgress",
  "'update_percentage': value_json['update'].percentage | default(none)",
].join(', ')}} | to_json }}`;

/** The retained message on the discovery topic. */
export function discoveryPayload({ device, version, model }: BoardFacts): object {
  const sensor = (key: string, name: string, more: object) => ({
    platform: 'sensor',
    unique_id: `alpharho_${device}_${key}`,
    name,
    ...more,
  });
  const figure = { entity_category: 'diagnostic', state_class: 'measurement' };
  return {
    device: { identifiers: [`alpharho_${device}`], name: device, manufacturer: 'Alpharho', model, sw_version: version },
    origin: { name: 'alpharho-agent', sw_version: version },
    availability: [{ topic: availabilityTopic(device) }],
    state_topic: buildTopic('state', device),
    qos: 0,
    components: {
      label: sensor('label', 'Label', {
        icon: 'mdi:tag-outline',
        value_template: '{{ value_json.label | default(none) }}',
        json_attributes_topic: buildTopic('state', device),
        json_attributes_template:
          "{{ {'probability': value_json.probability | default(none), 'variant': value_json.variant, 'frames_per_second': value_json.framesPerSecond} | to_json }}",
      }),
      latency: sensor('latency', 'Latency p95', {
        ...figure,
        device_class: 'duration',
        unit_of_measurement: 'ms',
        suggested_display_precision: 1,
        value_template: '{{ value_json.latencyP95 | default(none) }}',
      }),
      temperature: sensor('temperature', 'Temperature', {
        ...figure,
        device_class: 'temperature',
        unit_of_measurement: '°C',
        suggested_display_precision: 1,
        value_template: '{{ value_json.temperature | default(none) }}',
      }),
      variant: {
        platform: 'update',
        unique_id: `alpharho_${device}_variant`,
        name: 'Variant',
        title: 'Variant',
        entity_category: 'diagnostic',
        value_template: updateTemplate,
      },
    },
  };
}

/** `V1 0.25×128 int8 (60303ae2)`: two variants may differ in nothing but their weights. */
export function versionName(variant: Variant): string {
  return `${variantLabel(variant)} (${variant.sha256.slice(0, 8)})`;
}

/** @param desired what the hub wants, as far as it was heard since the start */
export function updateFacts(
  serving: Variant,
  desired: Variant | undefined,
  { phase, progress }: Pick<UpdateState, 'phase' | 'progress'>,
): DeviceState['update'] {
  const installed = versionName(serving);
  return {
    installed,
    latest: desired === undefined ? installed : versionName(desired),
    inProgress: !isResting(phase),
    ...(phase === 'downloading' && progress !== undefined && { percentage: progress }),
  };
}
