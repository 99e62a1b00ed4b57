// What is typed into the search box: words, and terms such as reprojection>0.1.
"use strict";

const Query = {
  // Terms, and what is wrong with those that are none.
  parse(text) {
    const terms = [];
    let fault = "";
    for (const [, quoted, plain] of text.matchAll(/"([^"]*)"?|(\S+)/g)) {
      const word = quoted ?? plain;
      const match = quoted === undefined && word.match(/^([\p{L}_][\p{L}\p{N}_]*)(>=|<=|!=|>|<|=|:)(.*)$/u);
      if (!match) {
        if (word) terms.push({ word: word.toLowerCase() });
        continue;
      }
      const [, name, operator, value] = match;
      const term = Query.readTerm(name.toLowerCase(), operator === ":" ? "=" : operator, value.toLowerCase());
      if (term.fault) fault ||= term.fault;
      else terms.push(term);
    }
    return { terms, fault };
  },

  readTerm(name, operator, value) {
    if (name === "image") return { image: value };
    if (name === "is" && value === "marked") return { isMarked: true };
    const column = Data.head.columns.find((one) => one.name.toLowerCase() === name);
    if (!column && name !== "row") return { fault: `There is no column ${name}.` };
    // As long as somebody is still typing, nothing is wrong.
    if (value === "") return { word: "" };
    const choice = column ? column.choices.findIndex((text) => text.toLowerCase() === value) : -1;
    const number = choice >= 0 ? choice : column?.choices.length ? NaN : Number(value);
    if (Number.isNaN(number)) return { fault: `${name}: there is no ${column?.choices.length ? "choice" : "number"} ${value}.` };
    return { column: column?.name ?? "row", operator, number };
  },

  compare(operator, known, number) {
    switch (operator) {
      case ">": return known > number;
      case "<": return known < number;
      case ">=": return known >= number;
      case "<=": return known <= number;
      case "=": return known === number;
      default: return known !== number && !Number.isNaN(known);
    }
  },
};
