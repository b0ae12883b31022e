import type { Figures } from './statistics.ts';

/** The figures of one round: `of('gantry', 'submit')` is jobs a second, `of('gantry', 'pick-up', 'p50')` ms. */
export type FigureOf = (contender: string, measure: string, figure?: string) => number;

/** What several rounds have found of several contenders. */
export class Rounds {
  readonly #figures = new Map<string, Map<string, Figures[]>>();

  /** Keeps the figures of one round, and says them at once: a run takes minutes. */
  add(contender: string, measure: string, figures: Figures): void {
    const ofMeasure = this.#figures.get(measure) ?? new Map<string, Figures[]>();
    this.#figures.set(measure, ofMeasure);
    ofMeasure.set(contender, [...(ofMeasure.get(contender) ?? []), figures]);
    process.stderr.write(`${contender} ${measure}: ${JSON.stringify(figures)}\n`);
  }

  /** All that was measured, in the order in which it was. */
  get measures(): string[] {
    return [...this.#figures.keys()];
  }

  /** One value for each round; NaN where the figure was not among those of the measure. */
  valuesOf(contender: string, measure: string, figure: string): number[] {
    const rounds = this.#figures.get(measure)?.get(contender) ?? [];
    return rounds.map((figures) => figures[figure] ?? Number.NaN);
  }

  /** What a ratio was in each round: what slows the machine for a while slows both sides of it. */
  ratios(ratioOf: (of: FigureOf) => number): number[] {
    const contenders = [...this.#figures.values()].flatMap((ofMeasure) => [...ofMeasure.values()]);
    const rounds = Math.max(0, ...contenders.map(({ length }) => length));
    return Array.from({ length: rounds }, (_, round) =>
      ratioOf(
        (contender, measure, figure = 'perSecond') =>
          this.valuesOf(contender, measure, figure)[round] ?? Number.NaN,
      ),
    ).filter(Number.isFinite);
  }
}
