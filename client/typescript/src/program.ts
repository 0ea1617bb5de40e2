import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { ConnectionError } from './errors.js';

const NAME = process.platform === 'win32' ? 'drupe.exe' : 'drupe';

/** The package that holds the program for this platform. */
const PACKAGE = `@drupe/${process.platform}-${process.arch}`;

/** A program, and who names it. */
export interface Found { program: string; by: string }

/** The program `drupe`: `given`, the variable `DRUPE_BIN`, the package for this platform, or the `PATH`. */
export async function findProgram(given: string | undefined, env: NodeJS.ProcessEnv = process.env): Promise<Found> {
  if (given !== undefined) return { program: given, by: 'the option program' };
  if (process.env.DRUPE_BIN) return { program: process.env.DRUPE_BIN, by: 'the variable DRUPE_BIN' };
  const ofPackage = await programOfPackage();
  if (ofPackage !== undefined) return { program: ofPackage, by: `the package ${PACKAGE}` };
  const program = onPath(env);
  if (program === undefined) throw missing('there is no program drupe on the PATH');
  return { program, by: 'the PATH' };
}

/** The program of the package for this platform, if that is installed. */
export async function programOfPackage(): Promise<string | undefined> {
  try {
    const { program }: { program: string } = await import(PACKAGE);
    return program;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw new ConnectionError('launch', `the package ${PACKAGE} is damaged: install it again`, { cause: error });
  }
}

/** There is no program: what to do. */
export function missing(problem: string, cause?: unknown): ConnectionError {
  const advice = `npm install drupe brings it with the package ${PACKAGE}, unless optional dependencies are left out, or `
    + 'there is no such package for this platform: then build it, and name it by DRUPE_BIN';
  return new ConnectionError('launch', `${problem}: ${advice}`, { cause });
}

function onPath(env: NodeJS.ProcessEnv): string | undefined {
  const places = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, NAME));
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      // A folder, too, may be executable.
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}
