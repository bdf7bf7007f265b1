// A field over a cell of a board, in which a number is typed: Enter, Tab or leaving takes it, Escape does not.

import { clamp } from "./photo.js";

/**
 * @typedef {{ board: import("./grid_board.js").Board, i: number, shown: string, scale: number, most: number }} Cell
 *   the cell, what it says, steps of a unit that count, and the largest number of steps on either side of zero
 */

/**
 * @param {{ root: Element, $: (selector: string) => any }} player its document has an `.editor` with a field
 * @param {Cell} cell
 * @param {any} event the press or the key that began it; a digit begins the number
 * @param {(units: number) => void} take gets the number, in steps
 */
export function editCell(player, { board, i, shown, scale, most }, event, take) {
  const editor = player.$(".editor"), field = editor.firstElementChild, node = board.cells[i];
  const box = node.getBoundingClientRect(), frame = player.root.getBoundingClientRect(), side = Math.max(box.width, 56);
  Object.assign(editor.style, { left: `${box.left - frame.left + (box.width - side) / 2}px`, top: `${box.top - frame.top}px`, width: `${side}px`, height: `${Math.max(box.height, 30)}px` });
  editor.hidden = false;
  field.value = event.type === "keydown" && event.key !== "Enter" ? event.key : shown.replace("−", "-");
  field.setAttribute("aria-label", node.getAttribute("aria-label"));
  field.focus();
  if (field.value.length > 1 || event.key === "Enter" || event.type === "click") field.select();
  const close = (keep) => {
    if (editor.hidden) return;
    editor.hidden = true;
    const number = Number(field.value.trim().replace("−", "-").replace(",", "."));
    board.enter(i).focus({ preventScroll: true });
    if (keep && field.value.trim() !== "" && Number.isFinite(number)) take(clamp(Math.round(number * scale), -most, most));
  };
  field.onkeydown = (key) => {
    key.stopPropagation();
    if (key.key === "Enter" || key.key === "Tab") {
      key.preventDefault();
      close(true);
    } else if (key.key === "Escape") close(false);
  };
  field.onblur = () => close(true);
}
