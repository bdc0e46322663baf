/** @file What an address of REST is made of: what it takes, what it answers, and the use case behind it. */
import type { Database } from '@alpharho/db';
import type { ErrorCode } from '@alpharho/protocol';
import type { z } from 'zod';
import type { Checker } from '../registry/checker.ts';
import type { Registry } from '../registry.ts';

export type ApiContext = {
  db: Database;
  registry: () => Promise<Registry>;
  /** Undefined where as many files as may be are being checked. */
  withChecker: <T>(work: (checker: Checker, folder: string) => Promise<T>) => Promise<T | undefined>;
  now: () => Date;
};

type Fields = z.ZodObject;

export type OperationSpec<P extends Fields, Q extends Fields, B extends z.ZodType, A extends z.ZodType> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Under /api/v1, as OpenAPI writes it. */
  path: string;
  id: string;
  tag: 'devices' | 'variants' | 'rollouts';
  summary: string;
  params?: P;
  query?: Q;
  body?: { schema: B; maxBytes: number };
  /** A multipart form, which `run` reads by itself: field → JSON Schema. */
  form?: Record<string, object>;
  answer: A;
  /** The status of an answer; 200 without it. */
  status?: (answer: z.input<A>) => 200 | 201;
  /** Statuses of success, where there are others than 200. */
  statuses?: readonly (200 | 201)[];
  /** Codes with which it may refuse, beside those of every request. */
  errors: readonly ErrorCode[];
  run: (
    context: ApiContext,
    input: { params: z.output<P>; query: z.output<Q>; body: z.output<B>; request: Request },
  ) => Promise<z.input<A>>;
};

/** An operation as the door and the document see it: what comes in has been checked by its own schemas. */
export type Operation = Omit<OperationSpec<Fields, Fields, z.ZodType, z.ZodType>, 'run' | 'status'> & {
  status?: (answer: never) => 200 | 201;
  run: (context: ApiContext, input: never) => Promise<unknown>;
};

/** Holds the use case to its schemas. */
export function operation<P extends Fields, Q extends Fields, B extends z.ZodType, A extends z.ZodType>(
  spec: OperationSpec<P, Q, B, A>,
): Operation {
  return spec;
}
