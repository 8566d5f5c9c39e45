/* Tabs by the pattern of ARIA: one is seen, arrow keys go from one to the next, and the address says which it is. */
"use strict";

class Tabs {
  /* opened(name): called when the panel of that name is shown. Tab and panel have the ids NAME-tab and NAME-panel. */
  constructor(list, opened) {
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    this.opened = opened;
    this.tabs.forEach((tab) => tab.addEventListener("click", () => this.choose(tab)));
    list.addEventListener("keydown", (event) => this.key(event));
    addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  static nameOf(tab) {
    return tab.id.replace(/-tab$/, "");
  }

  /* As the address says; the first one, if it names none. */
  follow() {
    this.show(this.tabs.find((tab) => location.hash === `#${Tabs.nameOf(tab)}`) ?? this.tabs[0]);
  }

  show(chosen) {
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      by(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
    this.opened(Tabs.nameOf(chosen));
  }

  choose(tab) {
    history.replaceState(null, "", `#${Tabs.nameOf(tab)}`);
    this.show(tab);
  }

  key(event) {
    const at = this.tabs.indexOf(event.target), n = this.tabs.length;
    const to = { ArrowRight: (at + 1) % n, ArrowLeft: (at + n - 1) % n, Home: 0, End: n - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.choose(this.tabs[to]);
    this.tabs[to].focus();
  }
}
