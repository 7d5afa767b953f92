// Draws the one chart of a report out of the canvas' data-chart, and prints the page. Series are shares in percent
// beside each other, or counts that are stacked.
(() => {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const draw = (canvas) => {
    const { labels, series, stacked } = JSON.parse(canvas.dataset.chart);
    const shares = [token("accent"), token("line-strong")];
    const outcomes = [token("accent"), token("breach"), token("calm"), token("amber"), token("line-strong")];
    const colours = stacked ? outcomes : shares;
    const scale = stacked ? { min: 0, stacked: true } : { min: 0, max: 100 };
    canvas.parentElement.style.height = `${stacked ? 110 + 28 * labels.length : 80 + 44 * labels.length}px`;
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
          x: { ...scale, ticks: { color: token("text-soft"), precision: 0 }, grid: { color: token("line") } },
          y: { stacked, ticks: { color: token("text"), autoSkip: false }, grid: { display: false } },
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
