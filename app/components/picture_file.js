// Pieces that every component of ours draws and saves with.

function element(name, className = "", words = "") {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = words;
  return node;
}

// An SVG file knows no theme: write every colour and font out.
function resolved(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of ["fill", "stroke", "opacity", "font-family"]) node.setAttribute(name, style.getPropertyValue(name));
  });
  return copy;
}

function save(blob, filename) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function savePng(svg, width, height, ground, filename) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = ground;
    pen.fillRect(0, 0, width, height);
    pen.drawImage(image, 0, 0, width, height);
    canvas.toBlob((blob) => save(blob, filename));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}
