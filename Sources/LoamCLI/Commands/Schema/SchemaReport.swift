import LoamSchema

/// What a schema declares.
struct SchemaReport: Report {
  var name: String
  var format: String
  var eventTime: String?
  var labels: [String]
  var dense: [String]
  var ids: [String]
  var spaces: [String]
  var timelines: [String]
  private var schema: Schema

  init(_ schema: Schema) {
    name = schema.name
    format = schema.format.kind.rawValue
    eventTime = schema.eventTime?.column
    labels = schema.labels.map(\.name)
    dense = schema.dense.map(\.name)
    ids = schema.ids.map(\.name)
    spaces = schema.ids.map(\.space).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    timelines = schema.timelines.map(\.name)
    self.schema = schema
  }

  enum CodingKeys: String, CodingKey {
    case name, format, eventTime, labels, dense, ids, spaces, timelines
  }

  var page: Page { page(hint: "loam init STORE --schema FILE") }

  func page(hint: String) -> Page {
    var page = Page(.title("Schema \(name): \(format)\(eventTime.map { ", ordered by \($0)" } ?? "")"))
    var table = Table(.text("field"), .text("column"), .text("read as"), .text("ID space"))
    for label in schema.labels {
      let late = label.availableAt.map { ", known at \($0.column)" } ?? ""
      table.add(label.name, label.column, "\(label.kind.rawValue) label\(late)", "")
    }
    for field in schema.dense {
      table.add(field.name, field.column, (["number"] + field.transforms.map(\.text)).joined(separator: " → "), "")
    }
    for field in schema.ids {
      let shape = field.shape == .single ? "" : " \(field.shape.rawValue), up to \(field.maximumLength)"
      table.add(field.name, field.column, "\(field.kind.rawValue) ID\(shape)", field.space)
    }
    page.add(.table(table))
    for timeline in schema.timelines {
      let when = timeline.when.map { "\($0.label) = \($0.equals.formatted)" }.joined(separator: " and ")
      page.add(
        .line(
          "timeline \(timeline.name): \(timeline.fields.joined(separator: ", ")) of each \(timeline.entity)"
            + (when.isEmpty ? "" : " where \(when)")))
    }
    page.add(.hint(hint))
    return page
  }
}

extension DenseTransform {
  fileprivate var text: String {
    switch self {
    case .log1p: "log1p"
    case .standardise: "standardise"
    case .bucketise(let boundaries): "\(boundaries.count + 1) buckets"
    case .clip(let lower, let upper): "clip \(lower) to \(upper)"
    }
  }
}

extension Float {
  /// Without a fraction that is zero.
  var formatted: String { self == rounded() && abs(self) < 1e9 ? "\(Int(self))" : "\(self)" }
}
