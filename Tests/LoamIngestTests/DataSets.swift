import Foundation
import LoamIngest
import LoamSchema
import Testing

/// A file of a public data set: how it is read, and how many rows its description promises.
struct DataFile: Sendable, CustomTestStringConvertible {
  /// What stands between the file as it lies there and lines that a schema reads.
  enum Preparation: Sendable {
    case none
    /// `user item item ...`: the first blank becomes a tab (`sed 's/ /\t/'`).
    case firstBlankIsTab
    /// One JSON object, key to list: a line `{"key": ..., "values": [...]}` each (`jq -c 'to_entries[] | ...'`).
    case objectOfLists
  }
  var path: String
  var rows: Int
  var yaml: String
  var preparation = Preparation.none

  init(_ path: String, rows: Int, _ yaml: String, _ preparation: Preparation = .none) {
    (self.path, self.rows, self.yaml, self.preparation) = (path, rows, yaml, preparation)
  }

  var testDescription: String { path }

  func schema() throws -> Schema { try Schema.parse(yaml: "schema: 1\nname: set\n" + yaml, file: path) }

  /// - Parameter rowsMax: rows from the front; `nil` for the whole file.
  func input(at file: String, rowsMax: Int?) throws -> Input {
    let isCut = (rowsMax ?? .max) < rows
    if preparation == .none && !isCut { return .file(file) }
    // A delimiter that no line has: whole lines.
    let lines = try RecordSampler(
      .file(file), format: RecordFormat(kind: .tsv, delimiter: "\u{1}", header: false),
      limit: preparation == .objectOfLists ? .max : (rowsMax ?? .max - 1) + 1
    ).records.map { $0[0] }
    return .memory(name: path, bytes: Array(try prepared(lines, rowsMax: rowsMax ?? .max).utf8))
  }

  private func prepared(_ lines: [String], rowsMax: Int) throws -> String {
    switch preparation {
    case .none: return lines.joined(separator: "\n")
    case .firstBlankIsTab:
      return lines.prefix(rowsMax).map { line in
        let parts = line.split(separator: " ", maxSplits: 1)
        return parts.joined(separator: "\t")
      }.joined(separator: "\n")
    case .objectOfLists:
      let object = try JSONSerialization.jsonObject(with: Data(lines.joined(separator: "\n").utf8)) as? [String: [Any]]
      let rows = try (object ?? [:]).sorted { $0.key < $1.key }.prefix(rowsMax).map { key, values in
        try JSONSerialization.data(withJSONObject: ["key": key, "values": values])
      }
      return rows.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }
  }
}

extension DataFile {
  private static func sequence(_ columns: String) -> String {
    "format: {kind: tsv, columns: [\(columns)]}\n"
  }
  private static let userItems =
    sequence("user, items") + """
      ids:
        - {name: user, kind: integer}
        - {name: items, kind: integer, shape: sequence, separator: " ", space: item}
      """
  private static let session =
    sequence("items") + "ids:\n  - {name: items, kind: integer, shape: sequence, separator: \" \", space: item}\n"
  private static let prefix =
    sequence("items, target") + """
      ids:
        - {name: items, kind: integer, shape: sequence, separator: " ", space: item}
        - {name: target, kind: integer, space: item}
      """
  private static func list(_ shape: String, _ kind: String, _ space: String) -> String {
    """
    format: jsonl
    ids:
      - {name: key, kind: integer}
      - {name: values, kind: \(kind), shape: \(shape), space: \(space)}
    """
  }
  private static let attributes = list("multi", "integer", "attribute")
  private static let behaviour = """
    format: tsv
    ids: [{name: user, column: uid, kind: integer}, {name: item, column: sid, kind: integer}]
    """
  private static let pairs = """
    format: libsvm
    labels: [{name: click, column: label}]
    ids: [{name: features, kind: integer, shape: multi, weight_separator: ":"}]
    """

  /// What has no schema in schemas/; `loam import` reads the tables of vectors.
  static let all = [
    DataFile(
      "amazon_instruments/Instruments.inter.json.gz", rows: 24_772, list("sequence", "integer", "item"), .objectOfLists),
    DataFile(
      "amazon_instruments/Instruments.index.json.gz", rows: 9_922, list("multi", "string", "code"), .objectOfLists),
    DataFile("ipinyou_small/train.fm.txt.gz", rows: 26_773, pairs),
    DataFile("ipinyou_small/test.fm.txt.gz", rows: 21_150, pairs),
    DataFile(
      "ipinyou_small/featindex.fm.txt.gz", rows: 133_465,
      "format: {kind: tsv, columns: [feature, id]}\nids: [feature, {name: id, kind: integer}]\n"),
    DataFile("s3rec_beauty/sequences.txt.gz", rows: 22_363, userItems, .firstBlankIsTab),
    DataFile("s3rec_lastfm/sequences.txt.gz", rows: 1_090, userItems, .firstBlankIsTab),
    DataFile("s3rec_lastfm/eval_99_negatives.txt.gz", rows: 1_090, userItems, .firstBlankIsTab),
    DataFile("s3rec_sports/sequences.txt.gz", rows: 35_598, userItems, .firstBlankIsTab),
    DataFile("s3rec_yelp/sequences.txt.gz", rows: 30_431, userItems, .firstBlankIsTab),
    DataFile("s3rec_beauty/item_attributes.json.gz", rows: 12_101, attributes, .objectOfLists),
    DataFile("s3rec_lastfm/item_attributes.json.gz", rows: 3_646, attributes, .objectOfLists),
    DataFile("s3rec_sports/item_attributes.json.gz", rows: 18_357, attributes, .objectOfLists),
    DataFile("s3rec_yelp/item_attributes.json.gz", rows: 20_033, attributes, .objectOfLists),
    DataFile("session_diginetica/train_sessions.txt.gz", rows: 186_670, session),
    DataFile("session_diginetica/test_prefix_target.txt.gz", rows: 60_858, prefix),
    DataFile("session_nowplaying/train_sessions.txt.gz", rows: 128_077, session),
    DataFile("session_nowplaying/test_prefix_target.txt.gz", rows: 89_824, prefix),
    DataFile("taobao_cart_buy/cart.tsv.gz", rows: 193_747, behaviour),
    DataFile("taobao_cart_buy/buy.train.tsv.gz", rows: 211_022, behaviour),
    DataFile("taobao_cart_buy/buy.test.tsv.gz", rows: 48_749, behaviour),
    DataFile(
      "frappe_x1/vocab.csv.gz", rows: 5_382,
      "format: csv\nids: [{name: feature_id, kind: integer}, field, raw_value]\n"),
    DataFile(
      "frappe_x1/apps_meta.tsv.gz", rows: 4_082,
      "format: {kind: tsv, missing: [unknown]}\nids: [{name: item, kind: integer}, package, category, developer]\n"),
    DataFile(
      "movielens_100k/ml-100k.user.gz", rows: 943,
      """
      format: tsv
      dense: [{name: age, column: "age:token"}]
      ids:
        - {name: user, column: "user_id:token", kind: integer}
        - {name: gender, column: "gender:token"}
        - {name: occupation, column: "occupation:token"}
        - {name: zip, column: "zip_code:token"}
      """),
    DataFile(
      "movielens_100k/ml-100k.item.gz", rows: 1_682,
      """
      format: tsv
      ids:
        - {name: item, column: "item_id:token", kind: integer}
        - {name: year, column: "release_year:token"}
        - {name: genres, column: "class:token_seq", shape: multi, separator: " "}
      """),
    DataFile(
      "open_bandit_men/item_context.csv.gz", rows: 34,
      """
      format: csv
      dense: [item_feature_0]
      ids: [{name: item, column: item_id, kind: integer}, item_feature_1, item_feature_2, item_feature_3]
      """),
    DataFile(
      "tiny_samples/ali_ccp_train_sample.csv.gz", rows: 100,
      """
      format: csv
      labels: [click, purchase]
      dense: [{name: d508, column: D508}, {name: d509, column: D509}]
      ids: [{name: u101, column: "101", kind: integer}, {name: i205, column: "205", kind: integer}]
      """),
    DataFile("tiny_samples/aliexpress_train_sample.csv.gz", rows: 100, aliexpress),
    DataFile("tiny_samples/aliexpress_test_sample.csv.gz", rows: 20, aliexpress),
    DataFile(
      "tiny_samples/census_income_train_sample.csv.gz", rows: 80,
      "format: csv\ndense: [age]\nids: [{name: education, kind: integer}, {name: sex, kind: integer}]\n"),
    DataFile("tiny_samples/deepctr_census-income.sample.gz", rows: 200, census),
    DataFile(
      "tiny_samples/deepctr_criteo_sample.txt.gz", rows: 200,
      "format: csv\nlabels: [{name: click, column: label}]\ndense: [I1..I13]\nids: [C1..C26]\n"),
    DataFile("tiny_samples/deepctr_movielens_sample.txt.gz", rows: 200, movies),
    DataFile("tiny_samples/ml-1m_sample.csv.gz", rows: 100, movies),
    DataFile(
      "tiny_samples/train-item-views-sample.csv.gz", rows: 500,
      """
      format: {kind: csv, delimiter: ";", missing: [NA]}
      event_time: {column: eventdate, unit: iso8601}
      dense: [timeframe]
      ids: [{name: session, column: sessionId, kind: integer}, userId, {name: item, column: itemId, kind: integer}]
      """),
    DataFile(
      "tiny_samples/yidian_news_sampled.csv.gz", rows: 1_000,
      """
      format: csv
      event_time: {column: showTime, unit: milliseconds}
      labels: [click]
      dense: [female, male, age0..age3]
      ids:
        - {name: user, column: userId, kind: integer}
        - {name: item, column: itemId, kind: integer}
        - {each: [network, refresh, showPos], kind: integer}
        - deviceName
        - OS
        - province
        - city
      """),
    DataFile(
      "tiny_samples/yoochoose-clicks-sample.dat.gz", rows: 500,
      """
      format: {kind: csv, columns: [session, time, item, category]}
      event_time: {column: time, unit: iso8601}
      ids: [{name: session, kind: integer}, {name: item, kind: integer}, category]
      """),
  ]

  private static let aliexpress = """
    format: csv
    labels: [click, conversion]
    dense: [numerical_1..numerical_63]
    ids: [{name: search, column: search_id, kind: integer}, {each: [categorical_1..categorical_16], kind: integer}]
    """
  private static let movies = """
    format: csv
    event_time: {column: timestamp, unit: seconds}
    labels: [{name: like, column: rating, threshold: 4}]
    ids:
      - {name: user, column: user_id, kind: integer}
      - {name: movie, column: movie_id, kind: integer}
      - {name: genres, shape: multi}
      - gender
      - {each: [age, occupation], kind: integer}
      - zip
    """
  /// The columns have no names in the file.
  private static let census =
    "format: {kind: csv, trim: true, missing: [\"?\", \"Not in universe\"], columns: [row, age, class, k3..k42]}\n"
    + "labels: [{name: income, column: k42, positive: [50000+.]}]\ndense: [age, k6]\nids: [class, k5, k9]\n"
}
