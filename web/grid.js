// A board of cells as an ARIA grid: one cell is in the tab order, arrow keys move.
export class Grid {
  constructor(root, side, { key, choose }) {
    this.side = side;
    this.cells = [];
    this.at = 0;
    for (let r = 0; r < side; ++r) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      for (let c = 0; c < side; ++c) {
        const cell = document.createElement("div");
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = -1;
        row.append(cell);
        this.cells.push(cell);
      }
      root.append(row);
    }
    this.cells[0].tabIndex = 0;
    root.addEventListener("focusin", ({ target }) => this.#mark(this.cells.indexOf(target)));
    root.addEventListener("pointerdown", (event) => {
      const index = this.index(event.target);
      if (index >= 0) { this.move(index); choose?.(index, event); event.preventDefault(); }
    });
    root.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = this.#target(event.key);
      if (to !== null) this.move(to);
      if (to !== null || key(this.at, event)) event.preventDefault();
    });
  }

  index(element) {
    return this.cells.indexOf(element);
  }
  move(index) {
    this.#mark(index);
    this.cells[index].focus({ preventScroll: true });
  }

  #mark(index) {
    if (index < 0) return;
    this.cells[this.at].tabIndex = -1;
    this.at = index;
    this.cells[index].tabIndex = 0;
  }
  #target(key) {
    const row = Math.floor(this.at / this.side), column = this.at % this.side;
    const place = (r, c) => Math.max(0, Math.min(this.side - 1, r)) * this.side + Math.max(0, Math.min(this.side - 1, c));
    switch (key) {
      case "ArrowUp": return place(row - 1, column);
      case "ArrowDown": return place(row + 1, column);
      case "ArrowLeft": return place(row, column - 1);
      case "ArrowRight": return place(row, column + 1);
      case "Home": return place(row, 0);
      case "End": return place(row, this.side - 1);
      default: return null;
    }
  }
}
