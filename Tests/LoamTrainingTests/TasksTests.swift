import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Tasks") struct TasksTests {
  static let three = "[click, {name: spend, weight: 0.5}, colour]"

  static func train(_ labels: String, threads: Int = 2, epochs: Int = 6) throws -> (TrainingReport, [String: String]) {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 1_000, seed: 1)
    let text = """
      {model: deepfm, name: ctr, labels: \(labels), train: train, batch_size: 64, epochs: \(epochs), fields: {dimension: 4},
       network: {hidden: [16]}, optimizer: {tables: {kind: adam, rate: 0.01}, dense: {rate: 0.01}}}
      """
    let config = try ModelConfig(yaml: text, file: "a", schema: PlantedStore.schema)
    #expect(try ModelConfig(yaml: config.yaml, file: "b", schema: PlantedStore.schema) == config)
    let report = try planted.trainer(config, threads: threads).run()
    let definition = try ModelBlobs(planted.store.snapshot(), model: "ctr")!.definition()
    #expect(definition.tasks.map(\.kind) == config.tasks(PlantedStore.schema).map(\.kind))
    return (report, try planted.roots())
  }

  @Test func `A binary, a real and a class label are learned together, with one root`() throws {
    let (report, roots) = try Self.train(Self.three)
    let losses = report.history.map { $0["train/loss"]! }
    // What always saying the mean costs: 0.69 + 0.5 times the variance of the effects, about 1, + ln 3.
    #expect(losses[0] > 1.5)
    #expect(losses[5] < 0.75, "\(losses)")
    #expect(try Self.train(Self.three, threads: 1).1 == roots)
  }

  @Test func `A label's weight scales its loss, and 0 leaves the others alone`() throws {
    let alone = try Self.train("[{name: colour, weight: 0.25}]", epochs: 1).0.history[0]["train/loss"]!
    #expect(abs(alone - 0.25 * 1.1) < 0.05)
  }

  @Test(arguments: [
    ("[click, clik]", "Did you mean 'click'?"), ("[click, click]", "twice"), ("[{name: click, weight: -1}]", "weight"),
  ])
  func `A label that cannot be is refused`(labels: String, message: String) {
    let error = #expect(throws: SchemaError.self) { try Self.train(labels) }
    let found = "\(error?.message ?? "") \(error?.hint ?? "")"
    #expect(found.contains(message) == true)
  }
}

@Suite("Sequences") struct SequenceTests {
  /// Two rows: four events, and none.
  static var field: FeatureBatch.Field {
    var field = FeatureBatch.Field()
    (field.codes, field.offsets, field.shares) = ([2, 0, 1, 2], [0, 4, 4], [0.25, 0.25, 0.25, 0.25])
    return field
  }

  @Test func `Events stand at the end, the newest last, and padding is zero`() {
    let values: [Float] = [1, 10, 2, 20, 3, 30]
    for (length, codes) in [(3, [Float]([0, 1, 2])), (6, [0, 0, 2, 0, 1, 2])] {
      var vectors = [Float](repeating: .nan, count: 2 * length * 2)
      var (mask, places) = (
        [Float](repeating: .nan, count: 2 * length), [Float](repeating: .nan, count: 2 * length)
      )
      BatchField(Self.field, 0..<2).gatherSequences(
        values, 2, length: length, to: &vectors, mask: &mask, codes: &places)
      let padding = max(0, length - 4)
      #expect(Array(mask[..<length]) == (0..<length).map { $0 < padding ? 0 : 1 })
      #expect(Array(places[..<length]) == codes)
      for at in 0..<length {
        #expect(vectors[at * 2] == (at < padding ? 0 : Float(codes[at]) + 1))
        #expect(vectors[at * 2 + 1] == vectors[at * 2] * 10)
      }
      #expect(mask[length...].allSatisfy { $0 == 0 } && vectors[(length * 2)...].allSatisfy { $0 == 0 })
    }
  }

  @Test func `What is known of events stands at their places`() {
    var field = Self.field
    field.ages = [40, 30, 20, 10]
    for (length, expected) in [(3, [Float]([30, 20, 10])), (6, [0, 0, 40, 30, 20, 10])] {
      var ages = [Float](repeating: .nan, count: 2 * length)
      BatchField(field, 0..<2).placeEvents(\.ages, length: length, to: &ages)
      #expect(ages == expected + [Float](repeating: 0, count: length))
    }
  }

  @Test func `A sequence's gradients go to the rows of its events`() {
    var sums = [Float](repeating: 0, count: 6)
    let gradients: [Float] = [1, 2, 3, 4, 5, 6] + [Float](repeating: 100, count: 6)
    BatchField(Self.field, 0..<2).scatterSequences(gradients, 2, length: 3, into: &sums)
    #expect(sums == [1, 2, 3, 4, 5, 6])
    BatchField(Self.field, 0..<2).scatterSequences([7, 7, 100, 100], 2, length: 1, into: &sums)
    #expect(sums == [1, 2, 3, 4, 12, 13])
  }
}
