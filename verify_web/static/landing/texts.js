/** The texts of the page's language, as `verify_web/texts.py` gives them, filled and formatted in the same way. */

const BEIJING_SECONDS = 8 * 3600;
const DAY_MILLISECONDS = 86_400_000;

export class Texts {
  /** @param {Object<string, string>} entries */
  constructor(entries) {
    this.entries = entries;
  }

  /** A text with its `{places}` filled. */
  say(key, values = {}) {
    const text = this.entries[key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return Object.entries(values).reduce((said, [place, value]) => said.split(`{${place}}`).join(value), text);
  }

  /** @param {number} day days since 1970-01-01 */
  date(day) {
    const date = new Date(day * DAY_MILLISECONDS);
    return this.say("date.pattern", {
      year: date.getUTCFullYear(),
      month: this.say(`date.month.${date.getUTCMonth() + 1}`),
      day: date.getUTCDate(),
    });
  }

  /** @param {number} seconds since 1970-01-01T00:00Z; said in Beijing time, to the minute */
  instant(seconds) {
    const local = (seconds + BEIJING_SECONDS) * 1000;
    const time = new Date(local).toISOString().slice(11, 16);
    return this.say("date.instant", { date: this.date(Math.floor(local / DAY_MILLISECONDS)), time });
  }
}
