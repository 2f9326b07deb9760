# frozen_string_literal: true

# Where Debian has it.
GEM = "/usr/share/rubygems-integration/all/gems/faraday-[0-9]*"

# A Faraday with examples for its adapters, and the command before the one that runs them.
Subject = Struct.new(:name, :libraries, :examples, :launcher) do
  # @param folder [String] where `fetch` unpacks
  # @param newest [String] the root of Debian's newest Ruby, with its Faraday
  # @return [Array<Subject>] those that are there
  def self.all(folder, newest)
    found = Dir["#{folder}/[0-9]*"].map { |path| fetched(path) }
    Dir["#{newest}#{GEM}"].each { |path| found << packaged(path.delete_prefix(newest)) }
    # The system's Faraday is tested in any case, by the examples of a newer one.
    found.unshift(own(found.first.examples)) unless found.empty? || File.directory?("#{folder}/#{own_version}")
    found
  end

  def self.fetched(path)
    new("Faraday #{File.basename(path)}", ["#{path}/lib"], "#{path}/spec", [])
  end

  # The path is that in the root.
  def self.packaged(gem)
    new("Faraday #{gem[/[^-]+\z/]}, newest Ruby", [], "#{gem}/spec", %w[scripts/newest-ruby.sh run])
  end

  def self.own_version
    Gem::Specification.find_by_name("faraday").version.to_s
  end

  def self.own(examples)
    new("Faraday #{own_version}, newer examples", [], examples, [])
  end

  private_class_method :fetched, :packaged, :own_version, :own
end
