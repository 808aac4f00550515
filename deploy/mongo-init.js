// The replica set and the site's user, made if they are not there. Run by mongosh (compose.yaml).
const fs = require("fs");
const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();
const login = `${secret("mongo_root_name")}:${encodeURIComponent(secret("mongo_root_password"))}`;
const site = new URL(secret("mongodb_url").replace(/^mongodb:/, "http:").replace(/,[^/]*/, ""));
const hosts = ["mongo-1:27017", "mongo-2:27017", "mongo-3:27017"];

// The first start of a server is two: it makes its user, and only then is it there for others.
function patiently(url) {
  for (let tries = 60; ; tries -= 1) {
    try {
      return connect(url);
    } catch (error) {
      if (tries === 0) throw error;
      sleep(1000);
    }
  }
}

const first = patiently(`mongodb://${login}@${hosts[0]}/admin?directConnection=true`);
if (first.hello().setName === undefined) {
  const members = hosts.map((host, _id) => ({ _id, host }));
  first.adminCommand({ replSetInitiate: { _id: "rs0", members } });
}

const set = connect(
  `mongodb://${login}@${hosts.join(",")}/admin?replicaSet=rs0&serverSelectionTimeoutMS=60000`,
);
const database = set.getSiblingDB("sotto");
if (database.getUser(site.username) === null) {
  database.createUser({
    user: site.username,
    pwd: decodeURIComponent(site.password),
    roles: [{ role: "readWrite", db: "sotto" }],
  });
}
print("The replica set has a primary, and the site's user is there.");
