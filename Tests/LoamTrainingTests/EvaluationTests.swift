import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Evaluation")
struct EvaluationTests {
  /// A model trained for one epoch, and its log of validation.
  static func trained(_ metrics: String) throws -> (PlantedStore, EvaluationReport) {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 600, seed: 1)
    try planted.ingest("valid", rows: 400, seed: 2, users: 90)
    let report = try planted.trainer(planted.config("metrics: \(metrics)", ("epochs", "1"))).run()
    return (planted, report.epochs[0].evaluations[0])
  }

  /// Users, labels and probabilities of the validation log.
  static func rows(_ planted: PlantedStore) throws -> [(user: ID, label: Float, score: Float)] {
    let snapshot = try planted.store.snapshot()
    let group = try FeatureLogReader(snapshot, TableName(.log, "valid"))!.group(0)
    let scores = try Predictor(snapshot, model: "ctr").predict(group, place: "valid.csv")
    guard case .real(let labels)? = group.columns["label/click"], case .ids(let users)? = group.columns["id/user"]
    else { return [] }
    return scores.indices.map { (users.distinct[Int(users.codes[$0])], labels[$0], scores[$0]) }
  }

  @Test func `Slices of a field divide the rows, the most frequent values first, others together`() throws {
    let (planted, report) = try Self.trained("{slices: [user], slice_values: 3, frequency: none}")
    let slices = report.parts.filter { $0.slice != nil }
    #expect(slices.count == 4 && slices.last?.slice?.name == "user=:others")
    #expect(slices.reduce(0) { $0 + $1.rows } == 400)
    let rows = try Self.rows(planted)
    let counts = Dictionary(grouping: rows, by: \.user).mapValues(\.count)
    #expect(slices[0].rows == counts.values.max())
    for part in slices.dropLast() {
      let own = rows.filter { "\($0.user)" == part.slice?.value }
      #expect(own.count == part.rows && part.rows >= slices[2].rows)
      let metrics = BinaryMetrics(probabilities: own.map(\.score), labels: own.map(\.label))
      #expect(part["logloss"] == metrics.logLoss)
      #expect(part["auc"] == metrics.auc || metrics.auc.isNaN)
    }
  }

  @Test func `Buckets of frequency go by the counts of the training logs alone`() throws {
    let (planted, report) = try Self.trained("{frequency: [user]}")
    let counts = try TrainingCounts(planted.store.snapshot(), space: "user", logs: ["train"])
    var wanted: [String: Int] = [:]
    for row in try Self.rows(planted) {
      wanted[FrequencyBuckets.name(FrequencyBuckets.index(try counts.count(row.user))), default: 0] += 1
    }
    let found = report.parts.filter { $0.slice != nil }.map { ($0.slice!.value, $0.rows) }
    #expect(Dictionary(uniqueKeysWithValues: found) == wanted)
    // Users 60 to 89 are in the validation log alone.
    #expect(wanted["0"] ?? 0 > 0)
    let record = try planted.store.snapshot(at: .name("ctr-best")).record
    #expect(record.metrics["ctr/valid/count(user)=0/rows"] == Double(wanted["0"]!))
    #expect(record.metrics["ctr/valid/count(user)=4-15/auc"]?.isFinite == true)
  }

  @Test func `Without a word in the config, frequencies are of the field with most IDs`() throws {
    let (_, report) = try Self.trained("{}")
    #expect(report.parts.dropFirst().allSatisfy { $0.slice?.field == "user" && $0.slice?.kind == .frequency })
    #expect(report.parts.count > 2)
  }

  @Test func `Groups leave out rows without a value`() throws {
    let (planted, report) = try Self.trained("{group: user, at: [1, 5], frequency: none}")
    let rows = try Self.rows(planted)
    var numbers: [ID: UInt32] = [:]
    for row in rows where numbers[row.user] == nil { numbers[row.user] = UInt32(numbers.count) }
    let metrics = GroupedMetrics(
      scores: rows.map(\.score), labels: rows.map(\.label), groups: rows.map { numbers[$0.user]! }, at: [1, 5])
    for figure in metrics.figures { #expect(report[figure.name] == figure.value, "\(figure.name)") }
    let (_, items) = try Self.trained("{group: item, frequency: none}")
    #expect(items["gauc"] > 0.4)
  }

  @Test func `What is measured changes nothing that is trained, and may change between runs`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 300, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    _ = try planted.trainer(planted.config("", ("epochs", "1"))).run()
    let more = try planted.trainer(planted.config("metrics: {group: user, at: [3]}", ("epochs", "2"))).run()
    #expect(more.epochs.map(\.epoch) == [2])
    #expect(more.epochs[0].evaluations[0]["ndcg@3"] > 0)
  }
}
