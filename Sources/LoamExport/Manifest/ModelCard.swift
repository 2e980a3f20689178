/// `README.md` of an export: Markdown with YAML front matter, for people and for model registries.
struct ModelCard {
  let manifest: ExportManifest
  /// An SPDX identifier; `nil` where nobody said.
  let license: String?

  var text: String {
    let parts = [metrics, slices, logs, tables, drift, dense, graphs, golden, loading, lineage]
    return ([frontMatter, title] + parts.compactMap { $0 }).joined(separator: "\n\n") + "\n"
  }

  private var frontMatter: String {
    var lines = ["---", "library_name: loam"]
    if let license { lines.append("license: \(Self.quoted(license))") }
    lines += ["tags:", "- recommendation", "- embeddings", "- \(Self.quoted(manifest.definition.architecture))"]
    if !whole.isEmpty {
      lines.append("metrics:")
      lines += whole.map { "- \(Self.quoted($0.key))" }
    }
    return (lines + ["---"]).joined(separator: "\n")
  }

  /// A double-quoted scalar; names and numbers of ours hold no controls.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private var title: String {
    let definition = manifest.definition
    if definition.architecture == ExportManifest.tableAlone {
      return """
        # \(manifest.model)

        A table of vectors, exported from version \(manifest.version)\(manifest.name.map { " (`\($0)`)" } ?? "") of store \
        `\(manifest.storeID)`, published \(manifest.time).
        """
    }
    let fields = definition.fields.map(\.name) + definition.dense.map(\.name)
    return """
      # \(manifest.model)

      A \(definition.architecture) model that predicts \(definition.labels.joined(separator: ", ")) from \
      \(fields.count) fields: \(fields.joined(separator: ", ")).
      Exported from version \(manifest.version)\(manifest.name.map { " (`\($0)`)" } ?? "") of store \
      `\(manifest.storeID)`, published \(manifest.time).
      """
  }

  /// A slice is named by a field and a value, `city=Berlin`; names of logs, labels and figures have no equals sign.
  private static func isOfSlice(_ metric: String) -> Bool { metric.contains("=") }

  private var whole: [(key: String, value: Double)] {
    manifest.metrics.filter { !Self.isOfSlice($0.key) }.sorted { $0.key < $1.key }
  }

  private var metrics: String? {
    if whole.isEmpty { return nil }
    let rows = whole.map { "| \($0.key) | \($0.value) |" }
    return (["## Metrics", "", "| metric | value |", "| --- | --- |"] + rows).joined(separator: "\n")
  }

  /// A row a slice, a column a figure.
  private var slices: String? {
    var slices: [String: [String: Double]] = [:]
    for (name, value) in manifest.metrics where Self.isOfSlice(name) {
      let end = name.lastIndex(of: "/") ?? name.startIndex
      slices[String(name[..<end]), default: [:]][String(name[name.index(after: end)...])] = value
    }
    if slices.isEmpty { return nil }
    let figures = Set(slices.values.flatMap(\.keys))
      .sorted { $0 == "rows" ? $1 != "rows" : $1 != "rows" && $0 < $1 }
    let rows = slices.sorted { $0.key < $1.key }.map { name, values in
      // A bar in a value of a field would end the cell.
      let cells = figures.map { figure in values[figure].map { figure == "rows" ? "\(Int($0))" : "\($0)" } ?? "" }
      return "| \(name.replacing("|", with: "\\|")) | \(cells.joined(separator: " | ")) |"
    }
    return
      ([
        "## Metrics by slice", "", "| slice | \(figures.joined(separator: " | ")) |",
        "| --- |" + String(repeating: " --- |", count: figures.count),
      ] + rows).joined(separator: "\n")
  }

  private var logs: String? {
    guard let logs = manifest.logs, !logs.isEmpty else { return nil }
    let rows = logs.map {
      "| \($0.name) | \($0.rows) | \($0.firstEvent ?? "") | \($0.lastEvent ?? "") | `\($0.root)` |"
    }
    return
      ([
        "## Logs", "", "As they were when training began.", "", "| log | rows | first event | last event | root |",
        "| --- | --- | --- | --- | --- |",
      ] + rows).joined(separator: "\n")
  }

  private var drift: String? {
    guard let drift = manifest.drift, let type = manifest.tables.first?.dtype else { return nil }
    let rows = drift.tasks.flatMap { task in
      task.f32.keys.sorted().map { name in
        "| \(task.label) | \(name) | \(task.f32[name]!) | \(task.stored[name].map { "\($0)" } ?? "undefined") |"
      }
    }
    return
      ([
        "## Vectors in \(type)", "",
        "Scores of the \(drift.rows) rows of the log \(drift.log) move by \(drift.mean) on average and \(drift.largest) at the most.",
        "", "| label | metric | f32 | \(type) |", "| --- | --- | --- | --- |",
      ] + rows).joined(separator: "\n")
  }

  private var graphs: String? {
    guard let graphs = manifest.graphs else { return nil }
    let rows = graphs.map {
      "| `\($0.file)` | \($0.form == .network ? "vectors" : "IDs") | \($0.opset) | \($0.data.map { "`\($0)`" } ?? "none") |"
    }
    return (["## Graphs", "", "| ONNX | inputs | opset | tables beside it |", "| --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }

  private var golden: String? {
    guard let golden = manifest.golden else { return nil }
    return """
      ## Golden requests

      `\(golden.file)` holds \(golden.rows) rows of the log \(golden.log) as requests, with the scores that the model gave \
      them. They were scored again with these files before the export was published, within \(golden.tolerance).
      """
  }

  private var tables: String? {
    if manifest.tables.isEmpty { return nil }
    let rows = manifest.tables.map {
      "| \($0.space) | `\($0.file)` | \($0.rows) | \($0.dimension) | \($0.hasWeight ? "yes" : "no") "
        + "| \($0.hasDictionary ? "yes" : "no") | \($0.missingRow.map(String.init) ?? "none") "
        + "| \($0.unknownRow.map(String.init) ?? "none") |"
    }
    return
      ([
        "## Embedding tables", "",
        "| ID space | file | rows | dimension | weight | dictionary | row of missing | row of unknown |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
      ] + rows + [
        "", "`ids` ascend, and row i of `rows` and `weight` belongs to `ids[i]`. A field that is absent reads the row",
        "of missing, an ID that is not in `ids` the row of unknown. Where there is a dictionary, the string of row i is",
        "`dictionary.bytes[dictionary.offsets[i]:dictionary.offsets[i + 1]]`.",
      ]).joined(separator: "\n")
  }

  private var dense: String? {
    guard let dense = manifest.dense else { return nil }
    let rows = dense.tensors.map { "| \($0.name) | \($0.dtype) | \($0.shape) |" }
    return
      (["## Dense tensors", "", "In `\(dense.file)`:", "", "| tensor | dtype | shape |", "| --- | --- | --- |"]
      + rows).joined(separator: "\n")
  }

  private var loading: String? {
    guard let table = manifest.tables.first else { return nil }
    let what = table.dimension > 0 ? "rows" : "weight"
    return """
      ## Loading

      ```python
      import numpy
      from safetensors.numpy import load_file

      table = load_file("\(table.file)")
      id = table["ids"][0]
      print(table["\(what)"][numpy.searchsorted(table["ids"], id)])
      ```
      """
  }

  private var lineage: String? {
    """
    ## Lineage

    | | |
    | --- | --- |
    | store | `\(manifest.storeID)` |
    | version | \(manifest.version) |
    | parent | \(manifest.parent.map(String.init) ?? "none") |
    | root | `\(manifest.root)` |
    | seed | \(manifest.definition.seed) |
    | trained by | \(manifest.code ?? "unknown") |
    | note | \(manifest.note) |

    `manifest.json` holds the schema of the log, the effective config that trained the model, and the length and
    SHA-256 of each file.
    """
      + (manifest.config.map { "\n\n<details><summary>Config</summary>\n\n```yaml\n\($0)\n```\n\n</details>" } ?? "")
  }
}
