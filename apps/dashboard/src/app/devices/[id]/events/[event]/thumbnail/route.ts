/** @file The small picture of an event. */
import { pictureAnswer } from '@/lib/picture-answer.ts';
import { loadThumbnail } from '@/server/queries/pictures.ts';

export async function GET(_: Request, { params }: RouteContext<'/devices/[id]/events/[event]/thumbnail'>): Promise<Response> {
  const { id, event } = await params;
  return pictureAnswer(/^\d{1,15}$/.test(event) ? await loadThumbnail(decodeURIComponent(id), Number(event)) : null);
}
