import LoamTraining

/// A run as one HTML file without outside resources: curves of loss and AUC by epoch, whole and by frequency, and tables.
struct RunPage {
  let config: ModelConfig
  let report: TrainingReport

  var html: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(config.name.html)</title>
    <style>\(Self.style)</style></head><body><main>
    <h1>\(config.name.html)</h1>
    <p>\(summary.html)</p>
    \(charts.map { "<section>\($0.map { "<figure>\($0.svg)</figure>" }.joined())</section>" }.joined(separator: "\n"))
    <h2>Figures by epoch</h2>
    <div class="wide">\(table)</div>
    <h2>Config</h2>
    <pre>\(config.yaml.html)</pre>
    </main></body></html>

    """
  }

  private var summary: String {
    let end = report.end == .interrupted ? "interrupted" : report.end == .stoppedEarly ? "stopped early" : "trained"
    let best = report.bestEpoch > 0 ? ", best epoch \(report.bestEpoch)" : ""
    return
      "\(config.model), \(end): version \(report.version), \(Quantity.count(report.history.count, "epoch"))\(best). "
      + "Trained on \(config.train.joined(separator: ", "))."
  }

  /// Two side by side: losses and AUC of all rows, then for each field the same by frequency.
  private var charts: [[LineChart]] {
    var losses = [LineChart.Line(name: "train", values: values("train/loss"), colour: 0)]
    var order: [LineChart.Line] = []
    for (index, log) in config.validation.enumerated() {
      losses.append(.init(name: log, values: values(log, "logloss"), colour: index + 1))
      order.append(.init(name: log, values: values(log, "auc"), colour: index + 1))
    }
    var rows = [[LineChart(title: "Loss", lines: losses), LineChart(title: "AUC", lines: order)]]
    guard let log = config.validation.first else { return rows.map(Self.drawn) }
    for field in frequencyFields(log) {
      rows.append(
        [("AUC", "auc"), ("Log-loss", "logloss")].map { title, figure in
          let buckets = buckets(log, field).enumerated().map { index, bucket in
            LineChart.Line(
              name: "seen \(bucket)", values: values(log, "count(\(field))=\(bucket)/\(figure)"), colour: index)
          }
          return LineChart(title: "\(title) of \(log), by how often training saw \(field)", lines: buckets)
        })
    }
    return rows.map(Self.drawn)
  }

  private static func drawn(_ charts: [LineChart]) -> [LineChart] {
    charts.compactMap { chart in
      let lines = chart.lines.filter { $0.values.contains { $0 != nil } }
      return lines.isEmpty ? nil : LineChart(title: chart.title, lines: lines)
    }
  }

  private func values(_ key: String) -> [Double?] { report.history.map { $0[key] } }

  /// Of the first label, whose name is part of the key where there are several.
  private func values(_ log: String, _ figure: String) -> [Double?] {
    let (plain, labelled) = ("\(log)/\(figure)", "\(log)/\(config.labels[0])/\(figure)")
    return report.history.map { $0[plain] ?? $0[labelled] }
  }

  private func slices(_ log: String) -> [(field: String, bucket: String)] {
    let keys = Set(report.history.flatMap(\.keys)).filter { $0.hasPrefix("\(log)/") && $0.hasSuffix("/rows") }
    return keys.compactMap { key in
      guard let part = key.split(separator: "/").first(where: { $0.hasPrefix("count(") }),
        let close = part.lastIndex(of: ")")
      else { return nil }
      let field = part[part.index(part.startIndex, offsetBy: 6)..<close]
      return (String(field), String(part[part.index(close, offsetBy: 2)...]))
    }
  }

  private func frequencyFields(_ log: String) -> [String] { Set(slices(log).map(\.field)).sorted() }

  /// From rare to frequent; missing ones last.
  private func buckets(_ log: String, _ field: String) -> [String] {
    func low(_ bucket: String) -> Int { Int(bucket.prefix { $0.isNumber }) ?? .max }
    return Set(slices(log).filter { $0.field == field }.map(\.bucket)).sorted { low($0) < low($1) }
  }

  private var table: String {
    let keys = Set(report.history.flatMap(\.keys)).filter { !$0.contains("=") }.sorted()
    let head = keys.map { "<th>\($0.html)</th>" }.joined()
    let rows = report.history.enumerated().map { index, epoch in
      let cells = keys.map { "<td>\(Quantity.fixed(epoch[$0], 5))</td>" }.joined()
      return "<tr\(index + 1 == report.bestEpoch ? " class=\"best\"" : "")><th>\(index + 1)</th>\(cells)</tr>"
    }
    return "<table><tr><th>epoch</th>\(head)</tr>\(rows.joined())</table>"
  }

  private static let style = """
    :root{color-scheme:light dark;--ground:#fff;--text:#24292f;--soft:#6b7280;--grid:#e5e7eb;--mark:#eef4ff;
    --line-0:#94a3b8;--line-1:#2563eb;--line-2:#059669;--line-3:#d97706;--line-4:#9333ea;--line-5:#dc2626;--line-6:#0891b2;--line-7:#65a30d}
    @media(prefers-color-scheme:dark){:root{--ground:#14171c;--text:#e5e7eb;--soft:#9ca3af;--grid:#2d333b;--mark:#1b2840;
    --line-0:#94a3b8;--line-1:#60a5fa;--line-2:#34d399;--line-3:#fbbf24;--line-4:#c084fc;--line-5:#f87171;--line-6:#22d3ee;--line-7:#a3e635}}
    body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif}
    main{max-width:1180px;margin:0 auto;padding:24px 20px 48px}h1{font-size:24px;margin:0}h2{font-size:17px;margin:32px 0 8px}
    p{color:var(--soft);margin:4px 0 20px}section{display:flex;flex-wrap:wrap;gap:16px 20px}
    figure{flex:1 1 460px;min-width:0;margin:0}svg{width:100%;height:auto;display:block}
    svg text{font:12px system-ui,sans-serif;fill:var(--soft)}svg .title{font-size:13px;font-weight:600;fill:var(--text)}
    .grid{stroke:var(--grid);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}
    \((0..<8).map { "path.c\($0){stroke:var(--line-\($0))}circle.c\($0),svg text.c\($0){fill:var(--line-\($0))}" }.joined())
    .wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}
    th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
    .best{background:var(--mark)}pre{overflow-x:auto;font-size:13px;color:var(--soft)}
    """
}
