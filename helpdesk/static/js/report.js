// Draws the one chart of the report out of the canvas' data-chart, and prints the page.
(() => {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const draw = (canvas) => {
    const { labels, series } = JSON.parse(canvas.dataset.chart);
    const colours = [token("accent"), token("line-strong")];
    canvas.parentElement.style.height = `${80 + 44 * labels.length}px`;
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels,
        datasets: series.map((one, place) => ({ ...one, backgroundColor: colours[place], maxBarThickness: 16 })),
      },
      options: {
        indexAxis: "y",
        maintainAspectRatio: false,
        animation: false,
        color: token("text"),
        font: { family: token("face") },
        scales: {
          x: { min: 0, max: 100, ticks: { color: token("text-soft") }, grid: { color: token("line") } },
          y: { ticks: { color: token("text"), autoSkip: false }, grid: { display: false } },
        },
        plugins: { legend: { position: "bottom", labels: { color: token("text") } } },
      },
    });
  };

  document.querySelectorAll("[data-chart]").forEach((canvas) => {
    let chart = draw(canvas);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      chart.destroy();
      chart = draw(canvas);
    });
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    // one formula at a time
    document.querySelectorAll(".why[open]").forEach((why) => {
      if (!why.contains(event.target)) why.open = false;
    });
  });
})();
