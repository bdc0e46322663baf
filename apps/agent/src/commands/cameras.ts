/** @file `alpharho-agent cameras`: what is connected to this board, as it is written behind --camera. */
import { describeCameras, listCameras } from '../io/camera/list-cameras.ts';
import { print, printJson } from './print.ts';

/** @returns 0 */
export async function showCameras({ json }: { readonly json: boolean }): Promise<number> {
  const cameras = await listCameras();
  if (json) printJson(cameras);
  else print(...describeCameras(cameras));
  return 0;
}
