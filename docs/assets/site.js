// The theme gives its dialog for searching no name that screen readers could say.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
