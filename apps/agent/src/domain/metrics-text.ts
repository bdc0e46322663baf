/** @file Figures in Prometheus' text format 0.0.4. */
import type { LatencySketch } from '@alpharho/protocol';

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

/** Upper ends of the buckets, seconds: from a small model on a fast machine to a large one on a slow board. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics in the order in which they were added; samples of one name must follow each other. */
export class MetricsText {
  private readonly lines: string[] = [];
  private last = '';

  gauge(name: string, help: string, value: number, labels: Labels = {}): this {
    return this.add('gauge', name, help).sample(name, labels, value);
  }

  /** @param name ends in _total */
  counter(name: string, help: string, value: number, labels: Labels = {}): this {
    return this.add('counter', name, help).sample(name, labels, value);
  }

  /** Buckets count within the sketch's own error of 1 %. @param name ends in _seconds */
  histogram(name: string, help: string, sketch: LatencySketch, labels: Labels = {}): this {
    this.add('histogram', name, help);
    for (const bound of bounds) this.sample(`${name}_bucket`, { ...labels, le: String(bound) }, sketch.countUpTo(bound * 1000));
    this.sample(`${name}_bucket`, { ...labels, le: '+Inf' }, sketch.count);
    this.sample(`${name}_sum`, labels, ((sketch.mean ?? 0) * sketch.count) / 1000);
    return this.sample(`${name}_count`, labels, sketch.count);
  }

  toString(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private add(type: string, name: string, help: string): this {
    if (name !== this.last)
      this.lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`);
    this.last = name;
    return this;
  }

  private sample(name: string, labels: Labels, value: number): this {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${quoted(text)}"`);
    this.lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
    return this;
  }
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
