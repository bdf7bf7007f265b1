# SegScope in a container: docker build -t segscope . && docker run --rm -p 8501:8501 --read-only --tmpfs /tmp segscope

ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
# PyTorch without CUDA, gigabytes less. Another index of CPU builds, or a mirror of it, may be named here.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.txt requirements.lock ./
# Two steps, so that nothing but PyTorch comes from its index: the two names alone, pinned by version in
# requirements.txt. Everything else, what PyTorch needs included, is pinned by hash for this Python (requirements.lock).
RUN python -m venv --without-pip /opt/segscope \
 && grep -Eo '^torch(vision)?==[0-9.]+' requirements.txt > torch.txt \
 && python -m pip --python /opt/segscope/bin/python install --no-deps --index-url "${TORCH_INDEX}" -r torch.txt \
 && python -m pip --python /opt/segscope/bin/python install --no-deps --require-hashes -r requirements.lock
# What compiles C++ extensions is of no use to somebody who runs networks.
RUN for torch in /opt/segscope/lib/python3*/site-packages/torch; do \
      rm -rf "$torch/include" "$torch/share" "$torch"/lib/*.a; done
COPY . /opt/segscope/app/
# The image cannot write: byte code is made now. Then a network runs once, so that what was left out is not missed.
RUN cd /opt/segscope/app \
 && /opt/segscope/bin/python -m compileall -q -j 0 . \
 && /opt/segscope/bin/python -m core segment core/samples/cat.jpg --model fcn8s --out /tmp/mask.png


FROM python:${PYTHON}
LABEL org.opencontainers.image.title="SegScope" \
      org.opencontainers.image.description="See inside the networks that cut a picture into objects" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/segscope /opt/segscope
# No home, no byte code, no place to write but /tmp, which may be a tmpfs. Weights that a visitor fetches
# (torchvision's, at most 1111 MB) go to TORCH_HOME; mount a volume there to keep them.
ENV PATH=/opt/segscope/bin:${PATH} \
    HOME=/tmp \
    TORCH_HOME=/tmp/torch \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /opt/segscope/app
USER 10001:10001
EXPOSE 8501
# /readyz and not /_stcore/health: a container counts as healthy when its networks can answer, so that compose starts
# the balancer, and an orchestrator sends visitors, only then.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/readyz', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
