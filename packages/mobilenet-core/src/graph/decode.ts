/** @file Reads an ONNX file into plain data. The file comes from outside: everything is checked, nothing is trusted. */
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import protobuf from 'protobufjs/light.js';
import { attributeKind, otherAttributeKind } from './attributes.ts';
import { checkBudget } from './budget.ts';
import { elements, elementTypeOf, fromRaw, fromTyped, otherElementType } from './elements.ts';
import { foreignFile } from './foreign-file.ts';
import { maxModelBytes } from './limits.ts';
import {
  type Attribute,
  type Dim,
  type ElementType,
  elementCount,
  type OnnxModel,
  type OnnxNode,
  type Tensor,
  type ValueInfo,
} from './model.ts';
import {
  type Int64,
  modelType,
  type WireAttribute,
  type WireDim,
  type WireGraph,
  type WireModel,
  type WireNode,
  type WireTensor,
  type WireValueInfo,
} from './wire.ts';

/** Heap that a file's structure may take beside its raw weights, by estimate. MobileNets take below 2 MB. */
const maxStructureBytes = 256 * 2 ** 20;
/** Most dimensions of a tensor; images have four, and each node copies its inputs' shapes when they are inferred. */
const mostDimensions = 32;
/** TensorProto.DataLocation.EXTERNAL: the values lie in another file. */
const EXTERNAL = 1;

/**
 * Decodes an ONNX file.
 * @throws AlpharhoError model_corrupt where the bytes are no whole ONNX file; model_not_variant where they are a file of another known
 * format; model_unsupported_operator (with the place) where the file is sound but uses something no image classifier needs (sub-graphs,
 * functions of its own, exotic element types, weights kept in another file).
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  if (bytes.byteLength === 0) throw corrupt('the file is empty');
  if (bytes.byteLength > maxModelBytes) throw corrupt(`${bytes.byteLength} bytes, at most ${maxModelBytes} are read`);
  try {
    const unfolded = unfold(bytes);
    if (unfolded.graph === undefined || unfolded.graph === null) throw corrupt('it has no graph');
    return model(unfolded, unfolded.graph);
  } catch (cause) {
    const other = isAlpharhoError(cause, 'model_corrupt') ? foreignFile(bytes) : undefined;
    if (other !== undefined) throw new AlpharhoError('model_not_variant', `this is ${other}`, { cause });
    throw cause;
  }
}

function unfold(bytes: Uint8Array): WireModel {
  try {
    checkBudget(modelType, bytes, maxStructureBytes);
    const reader = protobuf.Reader.create(bytes);
    reader.discardUnknown = true;
    return modelType.decode(reader) as WireModel;
  } catch (cause) {
    if (isAlpharhoError(cause)) throw corrupt(cause.message);
    throw corrupt('cut short, or no ONNX file at all', cause);
  }
}

function model(from: WireModel, graph: WireGraph): OnnxModel {
  refuseExtras(from, graph);
  const sets = new Map((from.opsetImport ?? []).map((set) => [set.domain ?? '', positive(set.version, 'opset version')]));
  // 'ai.onnx' is another spelling of the default domain (ONNX specification, Operator Set Identifiers).
  const opset = sets.get('') ?? sets.get('ai.onnx');
  if (opset === undefined) throw corrupt('it names no ONNX operator set');
  sets.delete('');
  sets.delete('ai.onnx');
  return {
    irVersion: positive(from.irVersion, 'ir_version'),
    opset,
    ...(sets.size === 0 ? {} : { domains: Object.fromEntries(sets) }),
    producer: from.producerName ?? '',
    graph: {
      name: graph.name ?? '',
      nodes: (graph.node ?? []).map(node),
      inputs: (graph.input ?? []).map((value) => valueInfo(value, 'input')),
      outputs: (graph.output ?? []).map((value) => valueInfo(value, 'output')),
      initializers: (graph.initializer ?? []).map((value) => tensor(value, `initializer "${short(value.name)}"`)),
    },
    metadata: metadata(from.metadataProps ?? []),
  };
}

/** What stands beside the nodes and would change what they compute, or what running the file means. */
function refuseExtras(from: WireModel, graph: WireGraph): void {
  if (from.functions?.length) {
    throw unsupported('it defines functions of its own; inline them: onnx.inliner.inline_local_functions(model)');
  }
  if (from.trainingInfo?.length) throw unsupported('it is a training graph; export it for inference');
  if (graph.sparseInitializer?.length) throw unsupported('it has sparse initializers; store its weights as dense tensors');
}

function metadata(entries: { key?: string; value?: string }[]): Record<string, string> {
  const map = new Map<string, string>();
  for (const { key = '', value = '' } of entries) {
    if (map.has(key)) throw corrupt(`metadata key "${short(key)}" stands twice`);
    map.set(key, value);
  }
  return Object.fromEntries(map);
}

function node(from: WireNode): OnnxNode {
  const op = from.opType ?? '';
  if (op === '') throw corrupt(`node "${short(from.name)}" names no operator`);
  const place = `${short(op)} node "${short(from.name)}"`;
  const attributes = new Map<string, Attribute>();
  for (const each of from.attribute ?? []) {
    const name = each.name ?? '';
    if (attributes.has(name)) throw corrupt(`${place}: attribute "${short(name)}" stands twice`);
    attributes.set(name, attribute(each, `${place}: attribute "${short(name)}"`));
  }
  return {
    op,
    name: from.name ?? '',
    ...(from.domain ? { domain: from.domain } : {}),
    inputs: [...(from.input ?? [])],
    outputs: [...(from.output ?? [])],
    attributes: Object.fromEntries(attributes),
  };
}

function attribute(from: WireAttribute, place: string): Attribute {
  const code = from.type ?? 0;
  const type = attributeKind(code);
  switch (type) {
    case undefined: {
      const kind = otherAttributeKind(code);
      if (kind !== undefined) throw unsupported(`${place} is a ${kind}`);
      throw corrupt(`${place} is of unknown type ${code}`);
    }
    case 'int':
      return { type, value: toNumber(from.i ?? 0) };
    case 'ints':
      return { type, value: (from.ints ?? []).map(toNumber) };
    case 'float':
      return { type, value: from.f ?? 0 };
    case 'floats':
      return { type, value: [...(from.floats ?? [])] };
    case 'string':
      return { type, value: text(from.s) };
    case 'strings':
      return { type, value: (from.strings ?? []).map(text) };
    case 'tensor':
      if (from.t === undefined || from.t === null) throw corrupt(`${place} has no tensor`);
      return { type, value: tensor(from.t, place) };
  }
}

function tensor(from: WireTensor, place: string): Tensor {
  const type = elementType(from.dataType, place);
  if (from.dataLocation === EXTERNAL || from.externalData?.length) {
    throw unsupported(
      `${place} keeps its values in another file; put them inside: onnx.save_model(onnx.load(path), path, save_as_external_data=False)`,
    );
  }
  if (from.segment) throw unsupported(`${place} is a segment of a tensor`);
  const dims = rank(from.dims ?? [], place).map((dim) => size(dim, place));
  const raw = from.rawData;
  const count = elementCount(dims);
  const wrong = (has: number) => corrupt(`${place}: ${has} values for dimensions [${dims.join(', ')}]`);
  // protobufjs gives an empty array, not a Uint8Array, for bytes that are not there.
  if (raw === undefined || raw.length === 0) {
    const data = fromTyped(type, from);
    if (data.length !== count) throw wrong(data.length);
    return { name: from.name ?? '', type, dims, data } as Tensor;
  }
  const width = elements[type].bytes;
  if (raw.length !== count * width) throw wrong(raw.length / width);
  return { name: from.name ?? '', type, dims, data: fromRaw(type, raw) } as Tensor;
}

function valueInfo(from: WireValueInfo, role: string): ValueInfo {
  const place = `${role} "${short(from.name)}"`;
  const tensorType = from.type?.tensorType;
  const { tensorType: _, ...others } = from.type ?? {};
  const other = Object.keys(others)[0];
  if (!tensorType || other !== undefined) throw unsupported(`${place} is no tensor${otherKind(other)}`);
  const dims = tensorType.shape && rank(tensorType.shape.dim ?? [], place).map((dim) => dimension(dim, place));
  const shape = tensorType.shape ? { dims: dims ?? [] } : {};
  return { name: from.name ?? '', type: elementType(tensorType.elemType, place), ...shape };
}

function otherKind(field: string | undefined): string {
  if (field === undefined) return '';
  const kind = field.replace(/Type$/, '').toLowerCase();
  const advice = kind === 'sequence' || kind === 'map' ? "; a ZipMap node makes such: convert with options={'zipmap': False}" : '';
  return ` but of kind ${kind}${advice}`;
}

function rank<T>(dims: T[], place: string): T[] {
  if (dims.length > mostDimensions) throw corrupt(`${place} has ${dims.length} dimensions, at most ${mostDimensions} are read`);
  return dims;
}

function dimension(from: WireDim, place: string): Dim {
  // Several exporters write -1 for a dimension that is open (older Paddle, tf2onnx); 0 is a size.
  if (from.value === 'dimValue') return toNumber(from.dimValue ?? 0) === -1 ? '' : size(from.dimValue, place);
  return from.value === 'dimParam' ? (from.dimParam ?? '') : '';
}

function elementType(code: number | undefined, place: string): ElementType {
  if (code === undefined || code === 0) throw corrupt(`${place} has no element type`);
  const type = elementTypeOf(code);
  if (type === undefined) throw unsupported(`${place} holds ${otherElementType(code)}, which no image classifier needs`);
  return type;
}

/** A dimension's size: not negative, and small enough that products stay exact. */
function size(from: Int64 | undefined, place: string): number {
  const value = toNumber(from ?? 0);
  if (value < 0 || value > 2 ** 31 - 1) throw corrupt(`${place} has a dimension of ${value}`);
  return value;
}

function positive(from: Int64 | undefined, what: string): number {
  const value = toNumber(from ?? 0);
  if (value < 1 || value > 2 ** 31 - 1) throw corrupt(`its ${what} is ${value}`);
  return value;
}

function toNumber(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined || bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** A name out of the file, cut to what fits an error line. */
function short(name: string | undefined): string {
  const clean = (name ?? '').replace(/\p{Cc}/gu, '?');
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean;
}

function corrupt(what: string, cause?: unknown): AlpharhoError {
  return new AlpharhoError('model_corrupt', `the ONNX file is damaged: ${what}`, cause === undefined ? undefined : { cause });
}

function unsupported(what: string): AlpharhoError {
  return new AlpharhoError('model_unsupported_operator', `the ONNX file is not usable here: ${what}`);
}
