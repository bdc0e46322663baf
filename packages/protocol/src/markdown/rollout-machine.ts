/** @file docs/protocol/rollout-machine.md, made from the rollout machine's tables. Nothing in it is written twice. */
import {
  endedRolloutStates,
  pauseReasons,
  type RolloutState,
  rolloutDeviceEvents,
  rolloutDeviceStates,
  rolloutDeviceTransitions,
  rolloutEvents,
  rolloutStates,
  rolloutTransitions,
} from '../rollout-states.ts';

type Meanings = Readonly<Record<string, string>>;
type Transitions = Readonly<Record<string, Readonly<Partial<Record<string, readonly string[]>>>>>;

/** @returns the document; its content depends on the package's source alone. */
export function rolloutMachineDocument(): string {
  return `# The rollout machine

This page is made from \`packages/protocol/src/rollout-states.ts\` by \`npm run rollout-machine -w @alpharho/protocol\`; a test compares the two.

One rollout and its devices are one state, and every event is answered in every state: one that a state does not list below changes nothing
there, so that a second click, a message that comes twice or a late word does no harm. The hub writes the state down after each event; one
that was killed reads it and goes on. In each moment every device of the target set is in exactly one of the states of a device.

## States of a rollout

${meanings(rolloutStates)}

After ${list(endedRolloutStates)} nothing happens any more without an operator's word.

\`\`\`mermaid
${diagram()}
\`\`\`

${transitions(rolloutTransitions)}

Events that name a phase count in that phase only. A gate that fails, or more failures than are allowed, lead where the rollout's \`onFail\` says.

### Events of a rollout

${meanings(rolloutEvents)}

### Reasons of a pause

${meanings(pauseReasons)}

## States of a device in a rollout

${meanings(rolloutDeviceStates)}

${transitions(rolloutDeviceTransitions)}

Besides: \`told\` counts only while the rollout is \`running\` and in the device's phase or after it; \`moved\`, \`committed\`, \`failed\` and
\`rolled_back\` only while the rollout goes forward; \`returned\` and \`return_failed\` only after it was aborted or rolled back. \`give_back\`
counts only while the rollout is \`rolling_back\`, and while fewer devices than its bound are on their way back. A device goes back to the
variant that served when it was first told, whatever happened since.

### Events of a device

${meanings(rolloutDeviceEvents)}
`;
}

function meanings(table: Meanings): string {
  return ['| | |', '|---|---|', ...Object.entries(table).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)].join('\n');
}

function transitions(table: Transitions): string {
  const rows = Object.entries(table).flatMap(([state, events]) =>
    Object.entries(events).map(([event, targets = []]) => `| \`${state}\` | \`${event}\` | ${list(targets)} |`),
  );
  return ['| In | comes | leads to |', '|---|---|---|', ...rows].join('\n');
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** One arrow for all events between two states. */
function diagram(): string {
  const states = Object.keys(rolloutStates) as RolloutState[];
  const arrows = states.flatMap((from) => {
    const events = Object.entries(rolloutTransitions[from]) as [string, readonly RolloutState[]][];
    return states.flatMap((to) => {
      const names = events.filter(([, targets]) => targets.includes(to)).map(([name]) => name);
      return names.length === 0 || from === to ? [] : [`  ${from} --> ${to}: ${names.join(', ')}`];
    });
  });
  return ['stateDiagram-v2', '  [*] --> draft', ...arrows].join('\n');
}
