/** A promise that is settled from outside. */
export class Deferred<T> {
  resolve!: (value: T | PromiseLike<T>) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** A list of items that grows, and that readers follow until its end. */
export class Feed<T> {
  readonly items: T[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  push(item: T): void {
    this.items.push(item);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /**
   * Reads all items from the first on. With `take`, items that are read are forgotten. `hold` is told when a reader
   * begins and ends to wait.
   */
  async *read(hold: (change: 1 | -1) => void, take = false): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; ) {
      while (index < this.items.length) {
        if (take) yield* this.items.splice(0);
        else yield this.items[index++]!;
      }
      if (this.#ended) return;
      hold(1);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      hold(-1);
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
