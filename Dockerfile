# The service, without root; migrations and loading are steps of their own (see docs/operating.md).
ARG PYTHON_IMAGE=docker.io/library/python:3.12-slim
# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS service

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/workplan
COPY requirements.txt ./
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && useradd --system --uid 10001 --home-dir /srv/workplan workplan \
    && mkdir var \
    && chown workplan var
COPY pyproject.toml ./
COPY app app
COPY migrations migrations
COPY seed seed
USER 10001
VOLUME /srv/workplan/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["python3", "-m", "app", "serve", "--host", "0.0.0.0"]

# What loading needs besides, to compare plans; a service without it serves what is stored.
FROM service
COPY requirements-loader.txt ./
USER 0
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-loader.txt
USER 10001
CMD ["sh", "-c", "{ python3 -m seed load --migrate || test $? -eq 3; } && exec python3 -m app serve --host 0.0.0.0"]
