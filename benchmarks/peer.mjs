// What one would take instead: Socket.IO, in memory, as its own guide writes a chat room.
// node benchmarks/peer.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
});

io.on("connection", (socket) => {
  let room = "";
  socket.on("join", (name) => {
    room = String(name);
    socket.join(room);
    socket.emit("joined", room);
  });
  socket.on("msg", (message) => io.to(room).emit("msg", message));
});

http.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
