import LoamTraining

/// Figures of evaluations as tables: one line a log and label, or a slice; one column a figure.
enum FigureTable {
  /// All rows of each log.
  static func whole(_ reports: [EvaluationReport]) -> Table {
    var parts: [Line] = []
    for report in reports {
      for (index, part) in report.parts.filter({ $0.slice == nil }).enumerated() {
        let speed = index == 0 ? Quantity.count(Int(report.samplesPerSecond)) : ""
        parts.append(Line(head: index == 0 ? report.log : "", part: part, tail: speed))
      }
    }
    return table(parts, head: "log", tail: .number("speed", unit: "samples/s")) { !$0.contains("@") }
  }

  /// Hit rates and the like; nil where none were asked for.
  static func ranking(_ reports: [EvaluationReport]) -> Table? {
    let lines = reports.flatMap { report in
      report.parts.filter { $0.slice == nil && $0.figures.contains { $0.name.contains("@") } }
        .map { Line(head: report.log, part: $0) }
    }
    return lines.isEmpty ? nil : table(lines, head: "log") { $0.contains("@") }
  }

  /// A table for each log and each way in which it was cut.
  static func slices(_ reports: [EvaluationReport]) -> [(title: String, Table)] {
    var tables: [(String, Table)] = []
    for report in reports {
      var titles: [String] = []
      var lines: [String: [Line]] = [:]
      for part in report.parts {
        guard let slice = part.slice else { continue }
        let what = slice.kind == .value ? "by \(slice.field)" : "by how often training saw \(slice.field)"
        let title = "\(report.log) \(what)"
        if lines[title] == nil { titles.append(title) }
        lines[title, default: []].append(Line(head: slice.value, part: part))
      }
      for title in titles { tables.append((title, table(lines[title]!, head: "slice") { !$0.contains("@") })) }
    }
    return tables
  }

  static func title(_ figure: String) -> String {
    switch figure {
    case "auc", "rmse", "mae", "ece", "gauc": figure.uppercased()
    case "logloss": "log-loss"
    case "normalised_entropy": "NE"
    case "pr_auc": "PR-AUC"
    default: figure.contains("@") ? figure.uppercased() : figure
    }
  }

  private struct Line {
    var head: String
    var part: EvaluationReport.Part
    var tail = ""
  }

  private static func table(
    _ lines: [Line], head: String, tail: Table.Column? = nil, where chosen: (String) -> Bool
  ) -> Table {
    var names: [String] = []
    for line in lines {
      for figure in line.part.figures where chosen(figure.name) && !names.contains(figure.name) {
        names.append(figure.name)
      }
    }
    let labels = Set(lines.map(\.part.label)).count > 1
    var table = Table(
      [.text(head)] + (labels ? [.text("label")] : []) + [.number("rows")] + names.map { .number(title($0)) }
        + (tail.map { [$0] } ?? []))
    for line in lines {
      let figures = names.map { name in Quantity.fixed(line.part[name], name == "auc" || name == "logloss" ? 5 : 4) }
      table.add(
        [line.head] + (labels ? [line.part.label] : []) + [Quantity.count(line.part.rows)] + figures
          + (tail == nil ? [] : [line.tail]))
    }
    return table
  }
}
