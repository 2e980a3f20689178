import Foundation
import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor

/// Puts a run's state into a version: rows, dense tensors, optimizer state, definition, config and position together.
struct ModelWriter {
  let plan: RunPlan
  let engine: StepEngine
  let write: Write

  func publish(_ position: RunPosition, _ options: PublishOptions) throws(StoreError) -> VersionRecord {
    for table in engine.tables { try table.writer.flush() }
    let blobs = try BlobWriter(write, plan.modelTable)
    var old = Set(try BlobReader(write.base, plan.modelTable.name)?.names() ?? [])
    func set(_ name: String, _ bytes: [UInt8]) {
      blobs.set(name, bytes)
      old.remove(name)
    }
    set("config", Array(plan.config.yaml.utf8))
    set("definition", SortedJSON.bytes(of: plan.definition))
    set("code", Array("loam \(LoamVersion.text)".utf8))
    set("position", SortedJSON.bytes(of: position))
    var entries: [ModelBlobs.TensorEntry] = []
    for (name, tensor) in engine.model.tensors {
      entries.append(.init(name: name, shape: tensor.shape.axes))
      set("tensor/\(name)", Self.bytes(tensor))
    }
    set("tensors", SortedJSON.bytes(of: entries))
    for (name, tensor) in engine.optimizer.state { set("optimizer/\(name)", Self.bytes(tensor)) }
    for (table, definition) in zip(engine.tables, plan.definition.tables) {
      if table.layout.decay != nil { set("decay/\(definition.space)", Self.bytes(table.decayLog.bitPattern)) }
      if table.optimizer.frequencyRate != nil {
        set("most_occurrences/\(definition.space)", Self.bytes(table.mostOccurrences))
      }
    }
    // Of a model that was trained anew.
    for name in old { blobs.remove(name) }
    try blobs.flush()
    let record = try write.publish(options)
    if options.goOn { for table in engine.tables { try table.writer.rebase() } }
    return record
  }

  private static func bytes(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

  private static func bytes(_ tensor: Tensor) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tensor.count * 4)
    for value in tensor.buffer { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }
}

extension StepEngine {
  /// Takes dense weights and optimizer state over from a version.
  func restore(from blobs: ModelBlobs, step: UInt64) throws(QueryError) {
    try model.restore(from: blobs)
    for (name, tensor) in optimizer.state {
      _ = tensor.buffer.update(from: try blobs.floats("optimizer/\(name)", count: tensor.count))
    }
    optimizer.stepCount = step
  }
}
