/** @file The OpenAPI document, for programs that ask the dashboard itself. */
import { openApiDocument } from '@/server/api/openapi.ts';

export function GET(): Response {
  return Response.json(openApiDocument());
}
