/** @file A small picture as it travels inside a JSON message. */
import { z } from 'zod';

/** @param maxChars of the base64 text, which is four thirds of the file's length */
export function imageSchema(maxChars: number) {
  return z.object({
    type: z.literal('image/jpeg'),
    width: z.number().int().min(1).max(1024),
    height: z.number().int().min(1).max(1024),
    data: z
      .string()
      .max(maxChars)
      .regex(/^\/9j\/[A-Za-z0-9+/]*={0,2}$/, 'expected a JPEG in base64')
      .refine((text) => text.length % 4 === 0, 'expected base64 with its padding')
      .describe('The file, base64'),
  });
}
export type WireImage = z.infer<ReturnType<typeof imageSchema>>;
