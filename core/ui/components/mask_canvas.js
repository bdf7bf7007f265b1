// Masks of class ids on canvases, for every component that lays one over a photo.

// A mask of class ids (grey PNG) as colours on a canvas; background stays clear. `alpha` is one opacity for all ids, or
// one for each.
async function drawMask(canvas, address, colours, alpha = 255) {
  const image = Object.assign(new Image(), { src: address });
  await image.decode();
  const scratch = new OffscreenCanvas(image.width, image.height), context = scratch.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height), { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    const id = data[i];
    data.set([colours[3 * id], colours[3 * id + 1], colours[3 * id + 2], id ? alpha[id] ?? alpha : 0], i);
    if (id) pixels.seen = (pixels.seen ?? new Set()).add(id);
  }
  Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return [...(pixels.seen ?? [])].sort((a, b) => a - b);
}
