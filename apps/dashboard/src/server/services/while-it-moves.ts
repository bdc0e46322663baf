/** @file The hub's loop may write a rollout at the same moment as an operator: the word is then said again, to what is so by then. */
import { RolloutMoved } from '../rollouts/store/write.ts';

const mostTries = 5;

/** @throws RolloutMoved where it moved each time. */
export async function whileItMoves<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RolloutMoved) || tries === mostTries) throw error;
    }
  }
}
