/**
 * The page that a QR opens: takes the certificate from the address's fragment and judges it here.
 *
 * The fragment, what is pasted and what is typed to compare never leave the page. The clock is read once per judgement.
 */

import { idCheck } from "../verifier/idcheck.js";
import { FormatError } from "../verifier/errors.js";
import { Freshness } from "../verifier/freshness.js";
import { tokenFromText } from "../verifier/link.js";
import { shown } from "../verifier/number.js";
import { Root } from "../verifier/root.js";
import { judge, Verdict } from "../verifier/verdict.js";
import { answerOf, isShown, linesElement, verdictElement } from "./answer.js";
import { openPublicFiles } from "./public_files.js";
import { Texts } from "./texts.js";

const settings = JSON.parse(document.getElementById("settings").textContent);
const texts = new Texts(settings.texts);
const freshness = new Freshness(...settings.freshness);
const at = (id) => document.getElementById(id);
let compared = null;

async function show() {
  keepFragmentInSwitch();
  const { hash } = window.location;
  const token = tokenOf(hash);
  at("paste").hidden = token !== null;
  at("paste-fault").hidden = token !== null || hash.length <= 1;
  if (token !== null) await check(token);
  else hideResult();
}

/** Judge a token and show the answer. */
async function check(token) {
  showVerdict({ look: "checking", headline: texts.say("landing.checking"), explanation: "" });
  try {
    const root = await Root.fromJson(settings.root);
    const now = Date.now() / 1000;
    const files = await openPublicFiles(root, settings.public, now);
    const judged = await judge(token, files.state, now, freshness);
    showAnswer(judged, answerOf(judged, files, texts, freshness), files.state);
  } catch (error) {
    // A fault of this page says nothing about the certificate, and must not look as if it did.
    showVerdict({ look: "cannot_tell", headline: texts.say("verdict.cannot_tell"), explanation: texts.say("landing.broken") });
    throw error;
  }
}

/** The bytes in a text, or `null` if it holds none: that is no evidence for or against any certificate. */
function tokenOf(text) {
  try {
    return tokenFromText(text);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

function showVerdict(answer) {
  at("result").hidden = false;
  at("result").classList.add("bare");
  for (const id of ["advice", "advice-forged"]) at(id).hidden = true;
  at("compare").hidden = true;
  withdrawOffer();
  at("lines").replaceChildren();
  at("verdict").replaceChildren(verdictElement(answer));
}

function showAnswer(judged, answer, state) {
  showVerdict(answer);
  at("lines").replaceChildren(linesElement(answer));
  at("result").classList.toggle("bare", answer.lines.length + answer.notes.length === 0);
  at("advice").hidden = !isShown(judged);
  at("advice-forged").hidden = judged.verdict !== Verdict.NOT_GENUINE;
  at("compare").hidden = !isShown(judged);
  at("compared").hidden = true;
  at("compared-note").hidden = true;
  compared = isShown(judged) ? { salt: state.trust.salt, idCheck: judged.statement.idCheck } : null;
  offerToAsk(judged, state);
  document.title = `${answer.headline} · ${texts.say("site.name")}`;
}

/** Only the register knows since when and why; it is asked when the visitor says so, and by no script. */
function offerToAsk({ verdict, statement }, { trust }) {
  if (at("ask") === null || ![Verdict.REVOKED, Verdict.SUSPENDED].includes(verdict)) return;
  at("ask-number").value = shown(statement.number, trust.profiles);
  at("ask-name").value = statement.holderName;
  at("ask").hidden = false;
}

/** What was filled in for one certificate must not stay for the next. */
function withdrawOffer() {
  if (at("ask") === null) return;
  at("ask").hidden = true;
  for (const field of ["ask-number", "ask-name"]) at(field).value = "";
}

function hideResult() {
  withdrawOffer();
  for (const id of ["result", "advice", "advice-forged"]) at(id).hidden = true;
}

async function compare(event) {
  event.preventDefault();
  const number = at("compare-number").value;
  if (number.trim() === "") {
    tell("empty");
    return;
  }
  const matches = (await idCheck(compared.salt, at("compare-type").value, number)) === compared.idCheck;
  tell(matches ? "match" : "no_match");
}

function tell(outcome) {
  at("compared").hidden = false;
  at("compared").dataset.outcome = outcome;
  at("compared").textContent = texts.say(`compare.${outcome}`);
  at("compared-note").hidden = outcome !== "match";
}

/** What was pasted goes into the fragment, as if the QR had been scanned. */
function paste(event) {
  event.preventDefault();
  const text = at("pasted").value.replace(/\s/g, "");
  const digits = text.includes("#") ? text.slice(text.indexOf("#")) : `#${text}`;
  at("paste-fault").hidden = tokenOf(digits) !== null;
  if (tokenOf(digits) !== null) window.location.hash = digits;
}

/** Skipping to the content must not put its anchor where the certificate is. */
function skip(event) {
  event.preventDefault();
  at("main").focus();
}

/** Changing the language keeps the certificate; the fragment of a link is not sent either. */
function keepFragmentInSwitch() {
  at("switch").hash = window.location.hash;
}

at("compare").addEventListener("submit", compare);
at("paste").addEventListener("submit", paste);
document.querySelector(".skip").addEventListener("click", skip);
window.addEventListener("hashchange", show);
document.documentElement.setAttribute("data-verifier", "ready");
at("landing").hidden = false;
show();
