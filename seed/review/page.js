// n and p go through the questions, u and i through unread paragraphs, a answers one, o shows only
// what is open.  Answers become commands: a page from a disk cannot write a file.
"use strict";
const lists = {
  question: [...document.querySelectorAll(".question")],
  unread: [...document.querySelectorAll(".row.has-unread")],
};
const at = { question: -1, unread: -1 };
const status = document.getElementById("status");
function go(kind, step) {
  const list = lists[kind];
  if (!list.length) {
    status.textContent = kind === "question" ? "没有问题 no open question" : "全部已读 nothing is unread";
    return;
  }
  at[kind] = (at[kind] + step + list.length) % list.length;
  const element = list[at[kind]];
  element.focus();
  const isTall = element.offsetHeight > window.innerHeight / 2;
  element.scrollIntoView({ block: isTall ? "start" : "center" });
  status.textContent = `${kind === "question" ? "问题 question" : "未读 unread"} ${at[kind] + 1} / ${list.length}`;
}
const keys = {
  n: () => go("question", 1),
  p: () => go("question", at.question < 0 ? 0 : -1),
  u: () => go("unread", 1),
  i: () => go("unread", at.unread < 0 ? 0 : -1),
  a: () => {
    const question = lists.question[at.question];
    if (question) question.querySelector("[type=text]").focus();
  },
  o: () => {
    const only = document.body.classList.toggle("only");
    document.activeElement.scrollIntoView({ block: "nearest" });
    status.textContent = only ? "只看问题和未读 only what is open" : "全文 the whole text";
  },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea")) {
    if (event.key === "Escape") (event.target.closest(".question") ?? document.body).focus();
    return;
  }
  const action = keys[event.key.toLowerCase()];
  if (action) {
    event.preventDefault();
    action();
  }
});
document.addEventListener("focusin", (event) => {
  const index = lists.question.indexOf(event.target);
  if (index >= 0) at.question = index;
});

const answers = document.getElementById("answers");
const quoted = (words) => `'${words.replaceAll("'", "'\\''")}'`;
function command(question, by) {
  const text = question.querySelector("[type=text]").value.trim();
  if (!text && !question.querySelector("[type=checkbox]").checked) return [];
  const words = ["python -m seed answer", answers.dataset.plan, question.id.slice(1)];
  if (text) words.push("--text", quoted(text));
  return [[...words, "--by", by ? quoted(by) : "NAME"].join(" ")];
}
answers?.addEventListener("input", write);
document.querySelector("main").addEventListener("input", write);
function write() {
  const by = document.getElementById("by").value.trim();
  const lines = lists.question.flatMap((question) => command(question, by));
  document.getElementById("commands").value = lines.join("\n");
}
