/**
 * The page that a QR opens: takes the certificate from the address's fragment and judges it here.
 *
 * The fragment, what is pasted and what is typed to compare never leave the page. The clock is read once per judgement.
 */

import { idCheck } from "../verifier/idcheck.js";
import { FormatError } from "../verifier/errors.js";
import { tokenFromText } from "../verifier/link.js";
import { Root } from "../verifier/root.js";
import { judge } from "../verifier/verdict.js";
import { answerOf, isShown, linesElement, verdictElement } from "./answer.js";
import { openPublicFiles } from "./public_files.js";
import { Texts } from "./texts.js";

const settings = JSON.parse(document.getElementById("settings").textContent);
const texts = new Texts(settings.texts);
const at = (id) => document.getElementById(id);
let compared = null;

async function show() {
  keepFragmentInSwitch();
  const { hash } = window.location;
  at("paste").hidden = hash.length > 1;
  if (hash.length > 1) await check(hash);
  else hideResult();
}

/** Judge what the text holds and show the answer. */
async function check(text) {
  showVerdict({ look: "checking", headline: texts.say("landing.checking"), explanation: "" });
  try {
    const root = await Root.fromJson(settings.root);
    const { state, names } = await openPublicFiles(root, settings.public);
    const judged = await judge(tokenOf(text), state, Date.now() / 1000);
    showAnswer(judged, answerOf(judged, { trust: state.trust, names }, texts), state);
  } catch (error) {
    // A fault of this page says nothing about the certificate, and must not look as if it did.
    showVerdict({ look: "cannot_tell", headline: texts.say("verdict.cannot_tell"), explanation: texts.say("landing.broken") });
    throw error;
  }
}

/** A text without a token is judged as a token of no bytes: malformed. */
function tokenOf(text) {
  try {
    return tokenFromText(text);
  } catch (error) {
    if (error instanceof FormatError) return new Uint8Array();
    throw error;
  }
}

function showVerdict(answer) {
  at("result").hidden = false;
  at("advice").hidden = true;
  at("compare").hidden = true;
  at("lines").replaceChildren();
  at("verdict").replaceChildren(verdictElement(answer));
}

function showAnswer(judged, answer, state) {
  showVerdict(answer);
  at("lines").replaceChildren(linesElement(answer));
  at("advice").hidden = !isShown(judged);
  at("compare").hidden = !isShown(judged);
  at("compared").hidden = true;
  at("compared-note").hidden = true;
  compared = isShown(judged) ? { salt: state.trust.salt, idCheck: judged.statement.idCheck } : null;
  document.title = `${answer.headline} · ${texts.say("site.name")}`;
}

function hideResult() {
  at("result").hidden = true;
  at("advice").hidden = true;
}

async function compare(event) {
  event.preventDefault();
  const number = at("compare-number").value;
  if (number.trim() === "") {
    say("empty");
    return;
  }
  const matches = (await idCheck(compared.salt, at("compare-type").value, number)) === compared.idCheck;
  say(matches ? "match" : "no_match");
}

function say(outcome) {
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
  try {
    tokenFromText(digits);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    at("paste-fault").hidden = false;
    return;
  }
  at("paste-fault").hidden = true;
  window.location.hash = digits;
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
