extension ModelConfig {
  /// The effective config, defaults written out. Reading it again gives an equal config.
  public var yaml: String {
    var lines = [
      "model: \(model)",
      "name: \(quoted(name))",
      "labels: \(labelsYAML)",
      "train: \(list(train))",
    ]
    if !validation.isEmpty { lines.append("validation: \(list(validation))") }
    lines += fields.yaml
    lines.append("dense: \(dense.map { $0.isEmpty ? "none" : list($0) } ?? "all")")
    if !network.values.isEmpty {
      lines.append("network:")
      lines += network.values.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value.yaml)" }
    }
    lines += optimizer.yaml
    lines += ["batch_size: \(batchSize)", "epochs: \(epochs)", "seed: \(seed)", "lanes: \(lanes)"]
    if precision != .f32 { lines.append("precision: \(precision.rawValue)") }
    lines.append("shuffle: \(shuffle.isOn ? "{window: \(shuffle.windowRows)}" : "false")")
    if let stopping = earlyStopping {
      let metric = stopping.metric.map { "metric: \($0.rawValue), " } ?? ""
      lines.append("early_stopping: {\(metric)patience: \(stopping.patience)}")
    }
    let checkpoint = [
      checkpointEverySteps.map { "every_steps: \($0)" }, checkpointEveryMinutes.map { "every_minutes: \($0)" },
    ]
    .compactMap { $0 }
    if !checkpoint.isEmpty { lines.append("checkpoint: {\(checkpoint.joined(separator: ", "))}") }
    if let clip = gradientClip { lines.append("gradient_clip: \(clip)") }
    if let plateau = rateOnPlateau {
      let parts = plateau.parts.map(\.rawValue).joined(separator: ", ")
      lines.append("rate_on_plateau: {factor: \(plateau.factor), floor: \(plateau.floor), for: [\(parts)]}")
    }
    if let reinitialise { lines.append("reinitialise: {above_ids: \(reinitialise.aboveIDs)}") }
    lines.append(metrics.yaml)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension MetricsConfig {
  fileprivate var yaml: String {
    var parts: [String] = []
    if let group { parts.append("group: \(quoted(group.name))") }
    if !at.isEmpty { parts.append("at: [\(at.map(String.init).joined(separator: ", "))]") }
    if !slices.isEmpty { parts.append("slices: \(list(slices.map(\.name)))") }
    parts.append("slice_values: \(sliceValues)")
    parts.append("frequency: \(frequency.map { $0.isEmpty ? "none" : list($0.map(\.name)) } ?? "auto")")
    return "metrics: {\(parts.joined(separator: ", "))}"
  }
}

extension FieldsConfig {
  fileprivate var yaml: [String] {
    var lines = ["fields:", "  dimension: \(standard.dimension)", "  minimum_count: \(standard.minimumCount)"]
    lines += ["  length: \(standard.length)", "  deviation: \(deviation)"]
    if let only { lines.append("  only: \(list(only))") }
    if !exclude.isEmpty { lines.append("  exclude: \(list(exclude))") }
    if !special.isEmpty {
      lines.append("  special:")
      for (name, options) in special.sorted(by: { $0.key < $1.key }) {
        let values =
          [
            "dimension: \(options.dimension)", "minimum_count: \(options.minimumCount)", "length: \(options.length)",
            options.actions.map { "actions: \(quoted($0))" }, options.ages.map { "ages: \(quoted($0))" },
          ]
          .compactMap { $0 }
        lines.append("    \(quoted(name)): {\(values.joined(separator: ", "))}")
      }
    }
    if !vectors.isEmpty {
      let tables = vectors.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(quoted($0.value))" }
      lines.append("  vectors: {\(tables.joined(separator: ", "))}")
    }
    return lines
  }
}

/// Double quotes keep names such as `yes`, `1e3` or `a: b` texts.
func quoted(_ text: String) -> String {
  let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
  return "\"\(escaped)\""
}

private func list(_ names: [String]) -> String {
  "[\(names.map(quoted).joined(separator: ", "))]"
}
