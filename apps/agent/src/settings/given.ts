/** @file The settings that a command was given, from wherever they came. */
import { findConfigFile, type Resolved, resolveSettings, strayVariables } from './resolve.ts';

/** What a command line asked for; `flags` holds what was written there, unchecked. */
export type Given = { readonly flags: Record<string, unknown>; readonly config: string | undefined };

export type GivenSettings = {
  readonly resolved: Resolved;
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** What may not be meant as it stands. */
  readonly warnings: readonly string[];
};

/** @throws AlpharhoError config_invalid */
export async function settingsOf({ flags, config }: Given, environment: NodeJS.ProcessEnv): Promise<GivenSettings> {
  const { file, warning } = await findConfigFile(config, environment);
  const resolved = resolveSettings({ flags, environment, file });
  return { resolved, file: file?.path, warnings: [...(warning === undefined ? [] : [warning]), ...strayVariables(environment)] };
}
