/**
 * What the page says of a judgement: the same words and lines as `verify_web/answer.py`.
 *
 * Everything is set as text, never as markup: a name may hold anything.
 */

import { issuerKey, shown } from "../verifier/number.js";
import { Verdict } from "../verifier/verdict.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The words for a judgement. Of a token that is not genuine nothing is shown, whether or not its signature holds.
 *
 * @returns {{look, headline, explanation, notes: string[], lines: {label, value, look}[]}}
 */
export function answerOf(judged, { state: { trust }, names, refused, remembers }, texts, freshness) {
  const { verdict, statement } = judged;
  const answer = {
    look: verdict,
    headline: texts.say(`verdict.${verdict}`),
    explanation: explanation(judged, refused, texts, freshness),
    notes: judged.stale ? [texts.say("note.stale", { days: freshness.noteDays })] : [],
    lines: [],
  };
  if (isShown(judged)) {
    answer.lines.push(...statementLines(statement, trust, names, texts));
    answer.notes.push(...contentNotes(verdict, texts));
    if (!remembers) answer.notes.push(texts.say("note.no_memory"));
  }
  if (judged.asOf !== null) answer.lines.push({ label: texts.say("field.as_of"), value: texts.instant(judged.asOf) });
  return answer;
}

/** Where the list of keys is missing because the distribution was refused, that is what there is to say. */
function explanation({ reason }, refused, texts, freshness) {
  if (reason !== "no_trust_bundle" || refused === null) return texts.say(`reason.${reason}`, { days: freshness.maxDays });
  return texts.say(`distribution.${refused.reason}`, { about: refused.about });
}

/** Whether the content of the certificate may be seen. */
export function isShown({ verdict, statement }) {
  return statement !== null && verdict !== Verdict.NOT_GENUINE;
}

export function verdictElement({ look, headline, explanation }) {
  const mark = document.createElementNS(SVG, "svg");
  mark.setAttribute("class", "mark");
  mark.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#mark-${look}`);
  mark.append(use);
  const words = element("div", "", element("h1", headline), element("p", explanation));
  const verdict = element("div", "", mark, words);
  verdict.className = "verdict";
  verdict.dataset.look = look;
  return verdict;
}

export function linesElement({ notes, lines }) {
  const list = element("dl", "", ...lines.map(({ label, value, look }) => {
    const line = element("div", "", element("dt", label), element("dd", value));
    if (look) line.dataset.look = look;
    return line;
  }));
  list.className = "lines";
  const said = notes.map((note) => {
    const paragraph = element("p", note);
    paragraph.className = "note";
    return paragraph;
  });
  return element("div", "", ...said, ...(lines.length ? [list] : []));
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function contentNotes(verdict, texts) {
  if (verdict === Verdict.VALID) return [];
  if (verdict === Verdict.CANNOT_TELL) return [texts.say("advice.content_unsure")];
  return [texts.say("advice.content_not_in_force")];
}

function statementLines(statement, trust, names, texts) {
  const code = (value) => texts.say("field.code", { code: value });
  const occupation = names && names.occupation(statement.occupation);
  return [
    { label: texts.say("field.holder_name"), value: statement.holderName, look: "name" },
    { label: texts.say("field.occupation"), value: occupation || code(statement.occupationText) },
    { label: texts.say("field.direction"), value: direction(statement.direction, names, texts) },
    { label: texts.say("field.level"), value: texts.say(`level.${statement.level}`) },
    { label: texts.say("field.issuer"), value: issuer(statement.number, trust, names) || code(issuerCode(statement.number, trust)) },
    { label: texts.say("field.number"), value: shown(statement.number, trust.profiles), look: "code" },
    { label: texts.say("field.issued_on"), value: texts.date(statement.issuedOn) },
  ];
}

function direction(code, names, texts) {
  if (code === null) return texts.say("field.no_direction");
  return (names && names.direction(code)) || texts.say("field.code", { code });
}

function issuer(number, trust, names) {
  const key = issuerKey(number, trust.profiles);
  return key && names && names.issuer(key);
}

function issuerCode(number, trust) {
  const key = issuerKey(number, trust.profiles);
  return key ? key[1] : shown(number, new Map());
}
