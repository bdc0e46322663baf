import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { MemoryOutbox } from '../../test/support/memory-outbox.ts';
import { StreamSender } from './stream-sender.ts';

type Message = { readonly session: string; readonly seqs: number[] };

function newSender(maxInFlight = 2) {
  const clock = new FakeClock();
  const outbox = new MemoryOutbox();
  const log = rememberedLog();
  const sent: string[] = [];
  const options = {
    publish: async (message: Message) => void sent.push(`${message.session} ${message.seqs.join(',')}`),
    /** A read that began ends only after this. */
    slowly: Promise.resolve(),
  };
  let pumping = false;
  let again = false;
  /** As Delivery does for its streams. */
  const wake = (): void => {
    again = true;
    if (pumping) return;
    pumping = true;
    void (async () => {
      while (again) {
        again = false;
        while ((await sender.step()) === 'sent');
      }
      pumping = false;
    })();
  };
  const sender: StreamSender<Message> = new StreamSender<Message>({
    stream: 'results',
    maxInFlight,
    maxEntries: 2,
    read: async (stream, after, limit) => {
      const entries = await outbox.read(stream, after, limit);
      await options.slowly;
      return entries;
    },
    remove: (ranges) => outbox.commit({ remove: ranges }),
    cut: (entries) => {
      const [first] = entries;
      if (first === undefined || first.body === 'damaged') return undefined;
      const same = entries.filter(({ session, body }) => session === first.session && body !== 'damaged');
      const seqs = same.map(({ seq }) => seq);
      return { session: first.session, from: first.seq, to: seqs.at(-1) ?? 0, message: { session: first.session, seqs } };
    },
    publish: (message) => options.publish(message),
    onReady: () => wake(),
    clock,
    log,
  });
  const fill = (session: string, from: number, to: number) =>
    outbox.commit({ add: [{ stream: 'results', session, firstSeq: from, bodies: Array.from({ length: to - from + 1 }, () => '{}') }] });
  const ack = (session: string, from: number, to: number, refused?: string) =>
    sender.acknowledge({ stream: 'results', session, from, to, ...(refused !== undefined && { refused }) });
  return { clock, outbox, log, sent, sender, wake, fill, ack, options };
}

describe('sending a stream', () => {
  it('waits for nothing once the connection is gone, though an acknowledgement of before still comes', async () => {
    const { clock, sender, fill, ack } = newSender();
    await fill('now', 1, 4);
    sender.up();
    await settle();
    sender.down();
    await ack('now', 1, 2);
    expect(clock.pending).toBe(0);
  });

  it('sends in order, no more messages ahead than it may, and goes on with each acknowledgement', async () => {
    const { sent, sender, fill, ack } = newSender();
    await fill('old', 1, 3);
    await fill('new', 1, 4);
    sender.up();
    await settle();
    expect(sent).toEqual(['old 1,2', 'old 3']);
    await ack('old', 1, 2);
    await settle();
    expect(sent.slice(2)).toEqual(['new 1,2']);
    await ack('old', 3, 3);
    await ack('new', 1, 2);
    await settle();
    expect(sent.slice(3)).toEqual(['new 3,4']);
  });

  it('sends nothing while there is no connection, and everything unacknowledged after the next one', async () => {
    const { sent, sender, wake, fill, ack } = newSender();
    await fill('one', 1, 4);
    wake();
    await settle();
    expect(sent).toEqual([]);
    sender.up();
    await settle();
    await ack('one', 1, 2);
    sender.down();
    sent.length = 0;
    sender.up();
    await settle();
    expect(sent).toEqual(['one 3,4']);
  });

  it('takes no notice of a read that began before the connection broke', async () => {
    const { sent, sender, fill, ack, options } = newSender(1);
    await fill('one', 1, 4);
    sender.up();
    await settle();
    let goOn = (): void => undefined;
    options.slowly = new Promise((resolve) => {
      goOn = resolve;
    });
    // Reads on from 3 while the connection breaks and 1 to 2, which the hub has, are all that is known of.
    await ack('one', 1, 2);
    sender.down();
    await fill('one', 1, 2);
    sender.up();
    options.slowly = Promise.resolve();
    sent.length = 0;
    goOn();
    await settle();
    expect(sent).toEqual(['one 1,2']);
  });

  it('notices what is stored later', async () => {
    const { sent, sender, wake, fill } = newSender();
    sender.up();
    await settle();
    await fill('one', 1, 1);
    wake();
    await settle();
    expect(sent).toEqual(['one 1']);
  });

  it('sends again where the hub stays silent, in order, ever more patiently, and says so once', async () => {
    const { clock, sent, sender, fill, log } = newSender();
    await fill('one', 1, 4);
    sender.up();
    await clock.advance(10_000);
    expect(sent).toEqual(['one 1,2', 'one 3,4', 'one 1,2', 'one 3,4']);
    await clock.advance(19_000);
    expect(sent).toHaveLength(4);
    await clock.advance(1000);
    expect(sent).toHaveLength(6);
    expect(log.lines).toHaveLength(1);
  });

  it('keeps the rest of a message of which only a part was acknowledged', async () => {
    const { clock, sent, sender, fill, ack, outbox } = newSender();
    await fill('one', 1, 2);
    sender.up();
    await settle();
    await ack('one', 1, 1);
    expect(await outbox.read('results', undefined, 10)).toHaveLength(1);
    sent.length = 0;
    await clock.advance(10_000);
    expect(sent).toEqual(['one 2']);
  });

  it('does not wait for ever for one message while later ones are acknowledged', async () => {
    const { clock, sent, sender, fill, ack } = newSender(2);
    await fill('one', 1, 20);
    sender.up();
    await settle();
    sent.length = 0;
    for (let seq = 3; seq < 19; seq += 2) {
      await clock.advance(1500);
      await ack('one', seq, seq + 1);
    }
    expect(sent).toContain('one 1,2');
  });

  it('forgets what the hub refuses for good, and says why', async () => {
    const { sender, fill, ack, outbox, log } = newSender();
    await fill('one', 1, 2);
    sender.up();
    await settle();
    await ack('one', 1, 2, 'top is empty');
    expect(await outbox.read('results', undefined, 10)).toEqual([]);
    expect(log.lines[0]).toMatch(/^error the hub refused results 1 to 2.*top is empty/);
  });

  it('passes over an entry that is damaged on disk', async () => {
    const { sent, sender, outbox, log } = newSender();
    await outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['damaged', '{}'] }] });
    sender.up();
    await settle();
    expect(sent).toEqual(['one 2']);
    expect(log.lines[0]).toContain('results 1 of session one is damaged');
    expect(await outbox.read('results', undefined, 10)).toHaveLength(1);
  });

  it('drops a message that our own codec refuses instead of stopping for ever', async () => {
    const { sent, sender, fill, options, outbox } = newSender(1);
    await fill('one', 1, 4);
    const publish = options.publish;
    options.publish = async (message) => {
      if (message.seqs.includes(1)) throw new AlpharhoError('payload_invalid', 'results: top: too small');
      await publish(message);
    };
    sender.up();
    await settle();
    expect(sent).toEqual(['one 3,4']);
    expect((await outbox.read('results', undefined, 10)).map(({ seq }) => seq)).toEqual([3, 4]);
  });
});
