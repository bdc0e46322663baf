/** @file A picture that an operator asked for. */
import { pictureAnswer } from '@/lib/picture-answer.ts';
import { loadSnapshotPicture } from '@/server/queries/pictures.ts';

export async function GET(_: Request, { params }: RouteContext<'/devices/[id]/snapshots/[snapshot]'>): Promise<Response> {
  const { id, snapshot } = await params;
  return pictureAnswer(await loadSnapshotPicture(decodeURIComponent(id), snapshot));
}
