import Foundation
import Testing

@Suite struct WholeJobTests {
  private let config = """
    model: deepfm
    name: ctr
    label: click
    train: train
    validation: valid
    fields: {dimension: 4, deviation: 0.01}
    network: {hidden: [8]}
    batch_size: 256
    epochs: 1
    """

  /// A store with both logs of a small generated set.
  private func store() throws -> LoamProcess {
    let loam = try LoamProcess()
    #expect(try loam("generate ads --rows 3000 --seed 2 --output data").code == 0)
    #expect(try loam("init store --schema data/schema.yaml --quiet").output.isEmpty)
    #expect(try loam("ingest store data/train.csv --log train").code == 0)
    #expect(try loam("ingest store data/valid.csv --log valid").code == 0)
    try loam.write(config, to: "model.yaml")
    return loam
  }

  @Test func fromGenerateToAVerifiedExport() throws {
    let loam = try store()
    let trained = try loam("train store --config model.yaml --tag first --json")
    #expect(trained.code == 0)
    let epochs = try #require(try trained.json()["epochs"] as? [[String: Any]])
    #expect(epochs.count == 1)
    let evaluated = try loam("evaluate store --log valid --at first --json").json()
    let scores = try #require(evaluated["logs"] as? [[String: Any]])
    let monitored = try #require((epochs[0]["evaluations"] as? [[String: Any]])?.first)
    #expect(scores[0]["auc"] as? Double == monitored["auc"] as? Double)
    #expect(scores[0]["rows"] as? Int == 600)
    #expect(try loam("freeze store --at ctr-best --as release").code == 0)
    #expect(try loam("export store --at release --output export").code == 0)
    #expect(try loam("verify export").code == 0)
    #expect(try loam("verify store").code == 0)
    let warmed = try loam("warm store --json").json()
    #expect((warmed["bytes"] as? Int).map { $0 > 100_000 } == true)
    #expect((warmed["files"] as? [[String: Any]])?.count == 4)
    let small = try loam("export store --at release --dtype int8 --format safetensors arrow -o small --json").json()
    #expect((small["drift"] as? [String: Any])?["rows"] as? Int == 600)
    #expect(try loam("verify small").code == 0)
    #expect(try loam("export store --at release --table ctr/item --format csv --output alone").code == 0)
    #expect(try loam("verify alone").code == 0)
    #expect(try loam("export store --at release --dtype int8 --format csv --output none").code == 2)
    // Damage is found, and found to be damage.
    let file = URL(filePath: loam.path("export/table.item.safetensors"))
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: file)
    #expect(try loam("verify export").code == 3)
  }

  @Test func runsOfSeveralSeedsSayHowFarTheyLieApart() throws {
    let loam = try store()
    let answer = try loam("train store --config model.yaml --seeds 1,4 --json").json()
    let runs = try #require(answer["runs"] as? [[String: Any]])
    #expect(runs.map { $0["seed"] as? Int } == [1, 4])
    let figures = try #require(answer["figures"] as? [[String: Any]])
    let auc = try #require(figures.first { $0["name"] as? String == "valid/auc" })
    let values = try [1, 4].map { seed in
      let model = "ctr-seed-\(seed)"
      let scored = try loam("evaluate store --model \(model) --log valid --at \(model)-best --json").json()
      return try #require((scored["logs"] as? [[String: Any]])?.first?["auc"] as? Double)
    }
    #expect(values[0] != values[1])
    #expect(abs((auc["mean"] as? Double ?? 0) - (values[0] + values[1]) / 2) < 1e-6)
    #expect(abs((auc["deviation"] as? Double ?? 0) - abs(values[0] - values[1]) / 2.0.squareRoot()) < 1e-6)
    // The same again: the runs are done, and the answer is the same.
    let again = try loam("train store --config model.yaml --seeds 1,4 --json").json()
    #expect((again["figures"] as? [Any])?.count == figures.count)
    #expect(try loam("train store --config model.yaml --seeds 1,1").code == 2)
    #expect(try loam("train store --config model.yaml --folds").code == 2)
    let folds = try loam("train store --config model.yaml --set train=[train,valid] --folds --json").json()
    #expect((folds["runs"] as? [[String: Any]])?.map { $0["fold"] as? String } == ["train", "valid"])
    let scores = try #require((folds["figures"] as? [[String: Any]])?.first { $0["name"] as? String == "auc" })
    let left = try loam("evaluate store --model ctr-fold-valid --log valid --at ctr-fold-valid-best --json").json()
    let right = try #require((left["logs"] as? [[String: Any]])?.first?["auc"] as? Double)
    #expect(abs((scores["values"] as? [Double] ?? [0]).last! - right) < 1e-6)
    #expect(try loam("train store --config model.yaml --seeds 1-3 --tag x").code == 2)
  }

  @Test func countsEqualThoseOfTheFile() throws {
    let loam = try store()
    let lines = try String(contentsOfFile: loam.path("data/train.csv"), encoding: .utf8).split(separator: "\n")
      .dropFirst()
    var counts: [String: Int] = [:]
    for line in lines {
      counts[String(line.split(separator: ",", omittingEmptySubsequences: false)[1]), default: 0] += 1
    }
    let answer = try loam("counts store --ids user --log train --top 20 --json").json()
    let top = try #require(answer["top"] as? [[String: Any]])
    #expect(answer["distinct"] as? Int == counts.count)
    #expect(answer["total"] as? Int == 2_400)
    #expect(top.map { $0["count"] as? Int } == counts.values.sorted(by: >).prefix(20).map { $0 })
    #expect(top.allSatisfy { counts[$0["id"] as? String ?? ""] == $0["count"] as? Int })
  }

  @Test func lookupSimilarAndPredictReadWhatWasTrained() throws {
    let loam = try store()
    try loam("train store --config model.yaml")
    let user = try #require(
      (try loam("counts store --ids user --top 1 --json").json()["top"] as? [[String: Any]])?.first)
    let id = try #require(user["id"] as? String)
    let rows = try #require(
      try loam("lookup store --table ctr/user --id \(id) :missing 4 --json").json()["rows"] as? [[String: Any]])
    #expect(rows.map { $0["found"] as? Bool } == [true, true, false])
    #expect(((rows[0]["columns"] as? [String: Any])?["vector"] as? [Double])?.count == 4)
    let near = try loam("similar store --table ctr/user --id \(id) -k 3 --json").json()["neighbours"] as? [Any]
    #expect(near?.count == 3)
    #expect(try loam("similar store --table ctr/user --id 4").code == 2)
    #expect(try loam("predict store --input data/valid.csv --output scores.csv").code == 0)
    let scores = try String(contentsOfFile: loam.path("scores.csv"), encoding: .utf8).split(separator: "\n")
    #expect(scores.count == 601)
    #expect(scores[0] == "click_probability")
    #expect(scores.dropFirst().allSatisfy { (0...1).contains(Double($0) ?? -1) })
  }

  @Test func timelineHoldsTheClicksBeforeATime() throws {
    let loam = try store()
    let rows = try String(contentsOfFile: loam.path("data/train.csv"), encoding: .utf8).split(separator: "\n")
      .dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    let user = try #require(rows.first { $0[12] == "1" })[1]
    let clicks = rows.filter { $0[1] == user && $0[12] == "1" }
    let before = try #require(Int(clicks.last![0])) * 1_000
    let answer = try loam("timeline store --entity user --id \(user) --before \(before) --limit 100 --json").json()
    let events = try #require(answer["events"] as? [[String: Any]])
    let items = events.map { ($0["values"] as? [String: Any])?["item"] as? String }
    #expect(items == clicks.dropLast().reversed().map { $0[2] })
  }

  @Test func outputToAFileHasNoColoursAndProgressGoesToStandardError() throws {
    let loam = try store()
    let outcome = try loam("train store --config model.yaml")
    #expect(!outcome.output.contains("\u{1b}") && !outcome.errors.contains("\u{1b}"))
    #expect(outcome.errors.contains("epoch 1"))
    #expect(try loam("counts store --ids user --quiet").errors.isEmpty)
    #expect(try !loam("counts store --ids user --quiet").output.contains("→"))
  }

  @Test func standardInputIsIngested() throws {
    let loam = try store()
    let text = try String(contentsOfFile: loam.path("data/valid.csv"), encoding: .utf8)
    let answer = try loam("ingest store - --log piped --json", input: text).json()
    #expect(answer["rows"] as? Int == 600)
  }
}
